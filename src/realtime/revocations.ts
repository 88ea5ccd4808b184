/**
 * Ends what one user may see on every edge, and returns when it has ended. Told over the bus, which is fast and may
 * lose it; found by every edge in Postgres at the next renewal of its lease (lease.ts), which is sure.
 *
 * Why nothing said after `revoke` has returned reaches the user, with L for the lease's length. An edge sends events
 * only while its lease is live by its own monotonic clock: up to L, less a margin, from before the renewal's request.
 * A renewal commits the longer lease first, then reads what was revoked (each in a snapshot of its own), carries that
 * out, and only then does the edge believe the lease. `revoke` is called after the commit of the revocation R, and
 * returns for one of these reasons; say the edge E sends an event later than that:
 * - **L has passed since the commit.** E's lease is live, so the request that renewed it was made less than L ago: after
 *   the commit. It has read R. (Two clocks, neither of them the wall's; the margin covers that they run unlike.)
 * - **E confirmed over the bus.** It has carried R out; a subscription that began later has asked Postgres later.
 * - **E has carried out a renewal with a number above the one seen when the leases were first looked at**, after the
 *   commit. That renewal committed its number after that look, and read after it. It has read R.
 * - **E had no live lease in a look at the leases.** Its lease had ended by Postgres's clock, and by E's before that,
 *   which counts from before the request. So it sends by a renewal whose lease was committed after that look, and which
 *   read still later. It has read R.
 * An event in E's hands when it was paused is no exception: what was said after `revoke` returned, E cannot have had
 * when it last found its lease live, unless by one of the above.
 * E looks once for each run of writes, which nothing from outside comes between, and never writes by the look of an
 * earlier one (src/edge/flusher.ts): whatever it writes it had in its hands at that look.
 *
 * What a look at the leases cannot be got for (Postgres is away) is waited out: L is always enough.
 */
import type { Clock } from '../chat/clock.ts';
import { uuidv7 } from '../chat/ids.ts';
import type { LeaseStore } from '../chat/live/leases.ts';
import type { Logger } from '../chat/logger.ts';
import { pause } from '../chat/pause.ts';
import type { Bus, BusSubscription } from './bus.ts';
import { Holdouts } from './lease-holdouts.ts';
import { confirmationPublication, revocationPublication } from './publication.ts';
import { nameOf, type Revocation } from './revocation.ts';
import type { Timings } from './timings.ts';
import { inboxTopic, revocationTopic } from './topic-names.ts';

export type { Revocation } from './revocation.ts';

/** Cuts what is subscribed here before it returns; resolves when nothing of it is on its way to a socket. */
export type Cut = (revocation: Revocation) => Promise<void>;

/** Revocations carried out lately: one that is told again, the other way, is not carried out again. */
const REMEMBERED = 4_096;

interface Request {
  readonly holdouts: Holdouts;
  readonly done: AbortController;
}

export interface RevocationsOptions {
  readonly bus: Bus;
  readonly replicaId: string;
  /** Where all edges hold their leases. Null: no other process has the stores of this one open. */
  readonly leases: Pick<LeaseStore, 'live'> | null;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly logger: Logger;
}

export class Revocations {
  readonly #options: RevocationsOptions;
  readonly #inbox: BusSubscription;
  readonly #waiting = new Map<string, Request>();
  readonly #carriedOut = new Map<string, Promise<void>>();
  #cut: Cut = async () => undefined;
  #heard: BusSubscription | null = null;
  #isClosed = false;
  #rejected = 0;

  constructor(options: RevocationsOptions) {
    this.#options = options;
    this.#inbox = options.bus.subscribe(inboxTopic(options.replicaId), (p) => this.#confirmed(p));
  }

  /** Publications dropped because of their shape. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Resolves once answers over the bus are heard; stays pending while it is away. */
  get joined(): Promise<void> {
    return this.#inbox.joined;
  }

  /** From now on this replica carries out revocations. Resolves once it hears those of others. */
  carryOut(cut: Cut): Promise<void> {
    this.#cut = cut;
    this.#heard = this.#options.bus.subscribe(revocationTopic, (payload) => this.#asked(payload));
    return this.#heard.joined;
  }

  /** One that was found in Postgres. Cuts before it returns. */
  found(revocation: Revocation): Promise<void> {
    return this.#once(nameOf(revocation), revocation);
  }

  /** To be called after its commit. Never rejects; returns after `revokeMs` at the latest, which is always safe. */
  async revoke(revocation: Revocation): Promise<void> {
    const { timings, clock, logger, leases, replicaId } = this.#options;
    // Here first and at once, whatever the bus does.
    const here = this.#once(nameOf(revocation), revocation);
    const requestId = uuidv7(clock.now());
    const request: Request = { holdouts: new Holdouts(replicaId), done: new AbortController() };
    const late = new AbortController();
    const deadline = setTimeout(() => {
      late.abort();
      request.done.abort();
    }, timings.revokeMs);
    this.#waiting.set(requestId, request);
    try {
      await Promise.all([
        ...(leases === null
          ? []
          : [this.#look(leases, request), this.#tell(requestId, revocation, request.done.signal)]),
        Promise.race([here, pause(timings.revokeMs, late.signal)]),
      ]);
      if (late.signal.aborted) {
        const { edges } = request.holdouts;
        logger.warn({ edges }, 'Not all edges confirmed in time that a right has ended; their leases have.');
      }
    } finally {
      clearTimeout(deadline);
      late.abort();
      this.#waiting.delete(requestId);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#inbox.leave();
    this.#heard?.leave();
    for (const { done } of this.#waiting.values()) done.abort();
  }

  async #look(leases: Pick<LeaseStore, 'live'>, { holdouts, done }: Request): Promise<void> {
    const { timings, logger } = this.#options;
    while (!done.signal.aborted) {
      try {
        // Not waited for beyond the end: a store that answers late answers nobody.
        await Promise.race([
          leases.live().then((live) => holdouts.looked(live)),
          pause(timings.revokeMs, done.signal),
        ]);
      } catch (error) {
        logger.debug({ err: error }, 'The leases of edges cannot be looked at; their end is waited for.');
      }
      if (holdouts.isSettled) done.abort();
      await pause(timings.revokeLookMs, done.signal);
    }
  }

  async #tell(requestId: string, revocation: Revocation, done: AbortSignal): Promise<void> {
    const { bus, replicaId, timings, logger } = this.#options;
    do {
      bus
        .publish(revocationTopic, { ...revocation, from: replicaId, requestId })
        .catch((error: unknown) =>
          logger.debug({ err: error }, 'A revocation was not confirmed by the bus.'),
        );
      await pause(timings.revokeAgainMs, done);
    } while (!done.aborted);
  }

  #confirmed(payload: unknown): void {
    const parsed = confirmationPublication.safeParse(payload);
    if (!parsed.success) {
      this.#rejected += 1;
      return;
    }
    const request = this.#waiting.get(parsed.data.requestId);
    if (request === undefined) return;
    request.holdouts.confirmed(parsed.data.from);
    if (request.holdouts.isSettled) request.done.abort();
  }

  #asked(payload: unknown): void {
    const parsed = revocationPublication.safeParse(payload);
    if (!parsed.success) {
      this.#rejected += 1;
      return;
    }
    if (parsed.data.from === this.#options.replicaId || this.#isClosed) return;
    const { from, requestId, ...revocation } = parsed.data;
    const { bus, replicaId, logger } = this.#options;
    this.#once(nameOf(revocation) ?? requestId, revocation)
      .then(() => bus.publish(inboxTopic(from), { from: replicaId, requestId }))
      .catch((error: unknown) =>
        logger.debug({ err: error }, 'A removal could not be confirmed; asked again, it will be.'),
      );
  }

  /** Cuts before it returns, unless this was cut already. */
  #once(name: string | null, revocation: Revocation): Promise<void> {
    const carriedOut = (name === null ? undefined : this.#carriedOut.get(name)) ?? this.#cut(revocation);
    if (name !== null) this.#remember(name, carriedOut);
    return carriedOut;
  }

  #remember(name: string, carriedOut: Promise<void>): void {
    this.#carriedOut.set(name, carriedOut);
    if (this.#carriedOut.size <= REMEMBERED) return;
    const oldest = this.#carriedOut.keys().next();
    if (!oldest.done) this.#carriedOut.delete(oldest.value);
  }
}
