/**
 * Asks every edge to stop sending one user one channel's events, and waits until each has said that it did. Heard
 * by all edges on one topic: an edge where the user is not connected answers too, so that nobody has to know who
 * is connected where. A replica that does not know all edges yet goes on asking until it does, and waits for each.
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

interface Request {
  /** Edges that have not answered. */
  readonly edges: Set<string>;
  /** Those that have, perhaps before their first beat was heard here. */
  readonly answered: Set<string>;
  /** False: there may be edges that are not among these. */
  areAllKnown: boolean;
  readonly done: AbortController;
}

const isSettled = ({ edges, areAllKnown }: Request): boolean => areAllKnown && edges.size === 0;

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
  readonly #waiting = new Map<string, Request>();
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
    const { timings, clock, logger } = this.#options;
    // Here first and at once, whatever the bus does.
    const here = this.#cut(revocation);
    const requestId = uuidv7(clock.now());
    const done = new AbortController();
    const request: Request = { edges: new Set(), answered: new Set(), areAllKnown: false, done };
    this.#waiting.set(requestId, request);
    this.#lookAround(request);
    if (isSettled(request)) done.abort();
    const late = new AbortController();
    const deadline = setTimeout(() => {
      late.abort();
      done.abort();
    }, timings.revokeMs);
    try {
      await Promise.all([
        this.#ask(requestId, revocation, request),
        Promise.race([here, pause(timings.revokeMs, late.signal)]),
      ]);
      if (!isSettled(request)) {
        const { edges, areAllKnown } = request;
        logger.warn({ edges: [...edges], areAllKnown }, 'Not all edges confirmed a removal in time.');
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

  async #ask(requestId: string, revocation: Revocation, request: Request): Promise<void> {
    const { bus, replicaId, timings, logger } = this.#options;
    const done = request.done.signal;
    do {
      bus
        .publish(revocationTopic, { ...revocation, from: replicaId, requestId })
        .catch((error: unknown) =>
          logger.debug({ err: error }, 'A revocation was not confirmed by the bus.'),
        );
      await pause(timings.revokeAgainMs, done);
      this.#lookAround(request);
      if (isSettled(request)) return;
    } while (!done.aborted);
  }

  #lookAround(request: Request): void {
    const { heartbeat } = this.#options;
    const alive = new Set(heartbeat.edges());
    // An edge that ended meanwhile sends nothing and answers nothing.
    for (const edge of request.edges) if (!alive.has(edge)) request.edges.delete(edge);
    // An edge that begins after all were known reads from Postgres that the membership has ended.
    if (request.areAllKnown) return;
    for (const edge of alive) if (!request.answered.has(edge)) request.edges.add(edge);
    request.areAllKnown = heartbeat.knowsEdges();
  }

  #confirmed(payload: unknown): void {
    const parsed = confirmationPublication.safeParse(payload);
    if (!parsed.success) return;
    const request = this.#waiting.get(parsed.data.requestId);
    if (request === undefined) return;
    request.answered.add(parsed.data.from);
    request.edges.delete(parsed.data.from);
    if (isSettled(request)) request.done.abort();
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
