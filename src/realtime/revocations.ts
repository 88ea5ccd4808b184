/**
 * Asks every edge to stop sending one user one channel's events, and waits until each has said that it did. Heard
 * by all edges on one topic: an edge where the user is not connected answers too, so that nobody has to know who
 * is connected where.
 */
import type { Clock } from '../chat/clock.ts';
import { uuidv7 } from '../chat/ids.ts';
import type { Publisher } from '../chat/live/port.ts';
import type { Logger } from '../chat/logger.ts';
import type { Bus, BusSubscription } from './bus.ts';
import type { Heartbeat } from './heartbeat.ts';
import { confirmationPublication, revocationPublication } from './publication.ts';
import type { Timings } from './timings.ts';
import { inboxTopic, revocationTopic } from './topic-names.ts';
import { pause } from './wait.ts';

export type Revocation = Parameters<Publisher['revoke']>[0];

/** Cuts what is subscribed here before it returns; resolves when nothing of it is on its way to a socket. */
export type Cut = (revocation: Revocation) => Promise<void>;

/** Requests answered lately: one that comes again is answered again, not carried out again. */
const REMEMBERED = 1_024;

export interface RevocationsOptions {
  readonly bus: Bus;
  readonly replicaId: string;
  readonly heartbeat: Heartbeat;
  readonly clock: Clock;
  readonly timings: Timings;
  readonly logger: Logger;
}

export class Revocations {
  readonly #options: RevocationsOptions;
  readonly #inbox: BusSubscription;
  /** By request: the edges that have not answered, and what to do once all have. */
  readonly #waiting = new Map<string, { readonly edges: Set<string>; readonly done: AbortController }>();
  readonly #carriedOut = new Map<string, Promise<void>>();
  #cut: Cut = async () => undefined;
  #heard: BusSubscription | null = null;
  #isClosed = false;

  constructor(options: RevocationsOptions) {
    this.#options = options;
    this.#inbox = options.bus.subscribe(inboxTopic(options.replicaId), (p) => this.#confirmed(p));
  }

  /** From now on this replica carries out revocations. Resolves once it hears those of others. */
  carryOut(cut: Cut): Promise<void> {
    this.#cut = cut;
    this.#heard = this.#options.bus.subscribe(revocationTopic, (payload) => this.#asked(payload));
    return this.#heard.joined;
  }

  /** Never rejects; returns after `revokeMs` at the latest. */
  async revoke(revocation: Revocation): Promise<void> {
    const { heartbeat, timings, clock, logger } = this.#options;
    // Here first and at once, whatever the bus does.
    const here = this.#cut(revocation);
    const requestId = uuidv7(clock.now());
    const edges = new Set(heartbeat.edges());
    const done = new AbortController();
    this.#waiting.set(requestId, { edges, done });
    if (edges.size === 0) done.abort();
    const late = new AbortController();
    const deadline = setTimeout(() => {
      late.abort();
      done.abort();
    }, timings.revokeMs);
    try {
      await Promise.all([
        this.#ask(requestId, revocation, done.signal),
        Promise.race([here, pause(timings.revokeMs, late.signal)]),
      ]);
      if (edges.size > 0) logger.warn({ edges: [...edges] }, 'Some edges did not confirm a removal in time.');
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

  async #ask(requestId: string, revocation: Revocation, done: AbortSignal): Promise<void> {
    const { bus, replicaId, heartbeat, timings, logger } = this.#options;
    do {
      bus
        .publish(revocationTopic, { ...revocation, from: replicaId, requestId })
        .catch((error: unknown) =>
          logger.debug({ err: error }, 'A revocation was not confirmed by the bus.'),
        );
      await pause(timings.revokeAgainMs, done);
      // An edge that ended meanwhile sends nothing and answers nothing.
      const alive = new Set(heartbeat.edges());
      const edges = this.#waiting.get(requestId)?.edges;
      for (const edge of edges ?? []) if (!alive.has(edge)) edges?.delete(edge);
      if (edges === undefined || edges.size === 0) return;
    } while (!done.aborted);
  }

  #confirmed(payload: unknown): void {
    const parsed = confirmationPublication.safeParse(payload);
    if (!parsed.success) return;
    const waiting = this.#waiting.get(parsed.data.requestId);
    waiting?.edges.delete(parsed.data.from);
    if (waiting?.edges.size === 0) waiting.done.abort();
  }

  #asked(payload: unknown): void {
    const parsed = revocationPublication.safeParse(payload);
    if (!parsed.success || parsed.data.from === this.#options.replicaId || this.#isClosed) return;
    const { from, requestId, ...revocation } = parsed.data;
    const { bus, replicaId, logger } = this.#options;
    const carriedOut = this.#carriedOut.get(requestId) ?? this.#cut(revocation);
    this.#remember(requestId, carriedOut);
    carriedOut
      .then(() => bus.publish(inboxTopic(from), { from: replicaId, requestId }))
      .catch((error: unknown) =>
        logger.debug({ err: error }, 'A removal could not be confirmed; asked again, it will be.'),
      );
  }

  #remember(requestId: string, carriedOut: Promise<void>): void {
    this.#carriedOut.set(requestId, carriedOut);
    if (this.#carriedOut.size <= REMEMBERED) return;
    const oldest = this.#carriedOut.keys().next();
    if (!oldest.done) this.#carriedOut.delete(oldest.value);
  }
}
