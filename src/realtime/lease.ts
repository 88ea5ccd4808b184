/**
 * This edge's lease in Postgres, renewed every few seconds; each renewal brings the rights that have ended and carries
 * them out before it counts. Without a live lease the edge hands out no events: whoever ended a right may have taken it
 * for gone (revocations.ts says why that is enough). With Postgres away for longer than a lease, delivery pauses on
 * every edge; nothing is lost by it, what waits is bounded as for a client that does not keep up.
 */
import type { Clock } from '../chat/clock.ts';
import type { EdgeOffer } from '../chat/endpoints/port.ts';
import type { LeaseStore, RevokedPosition } from '../chat/live/leases.ts';
import type { DeliveryGate } from '../chat/live/port.ts';
import type { Logger } from '../chat/logger.ts';
import { pause } from '../chat/pause.ts';
import { type Revocation, revocationOf } from './revocation.ts';
import type { Timings } from './timings.ts';
import { Retry } from './wait.ts';

/** Renewals between two rounds of forgetting what is old. */
const PRUNE_EVERY = 200;

/** Earlier than any moment. */
const NEVER = { monotonic: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };

export interface LeaseOptions {
  readonly store: LeaseStore;
  /** The replica's id, by which it also answers over the bus. */
  readonly edgeId: string;
  /** Cuts before it returns; resolves when nothing of it is on its way to a socket. */
  readonly carryOut: (revocation: Revocation) => Promise<void>;
  /** What ended since the last renewal cannot be told: everybody must ask anew. Ends all before it returns. */
  readonly onUnknown: () => void;
  /** What this edge says of itself with each renewal; null while it takes no connections, and when left out. */
  readonly offer?: () => EdgeOffer | null;
  /** False while the bus brings no revocations, so that renewals must. */
  readonly isTold: () => boolean;
  readonly timings: Pick<Timings, 'leaseMs' | 'leaseMarginMs' | 'renewMs' | 'renewSoonMs' | 'retryMs'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds that never jump; a test has its own. */
  readonly monotonic?: () => number;
}

export class Lease implements DeliveryGate {
  readonly #options: LeaseOptions;
  readonly #monotonic: () => number;
  readonly #listeners = new Set<() => void>();
  readonly #retry: Retry;
  /** Cut, with something still on its way to a socket. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #gained = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #wake = new AbortController();
  #isClosed = false;
  #isPaused = false;
  #position: RevokedPosition | null = null;
  #round = 0;
  /** Newest round whose revocations were read; and told of as carried out. */
  #read = 0;
  #told = 0;
  #until = NEVER;

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#monotonic = options.monotonic ?? (() => performance.now());
    this.#retry = new Retry({ ...options.timings, retryMaxMs: options.timings.renewSoonMs });
  }

  /** Renews it from now on. Resolves with the first lease: no subscription may begin before. */
  start(): Promise<void> {
    this.#running = this.#run();
    return this.#gained.promise;
  }

  /**
   * Asked each time, since no timer may have run yet after a pause. By two clocks: the monotonic one stands still while
   * a machine sleeps, the wall's jumps then. Once found closed it stays so until a renewal opens it and says so, however
   * the wall's clock is set meanwhile.
   */
  isOpen(): boolean {
    const { monotonic, wall } = this.#until;
    if (this.#monotonic() < monotonic && this.#options.clock.now() < wall) return true;
    this.#until = NEVER;
    return false;
  }

  onOpened(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Renews it now: the bus went away, and may have kept something back; or this edge has something to say. */
  hurry(): void {
    this.#wake.abort();
  }

  /** Closes the gate for good, and then says so in Postgres, so that nobody waits for this edge. */
  async close(): Promise<void> {
    const { store, edgeId, logger } = this.#options;
    this.#isClosed = true;
    this.#until = NEVER;
    this.#wake.abort();
    // A renewal under way would bring the lease back.
    await this.#running;
    try {
      await store.end(edgeId);
    } catch (error) {
      logger.debug({ err: error }, 'The lease could not be ended; it lapses.');
    }
  }

  async #run(): Promise<void> {
    const { timings, isTold } = this.#options;
    while (!this.#isClosed) {
      this.#wake = new AbortController();
      const began = this.#monotonic();
      if (await this.#renew()) {
        this.#retry.reset();
        const pauseMs = isTold() ? timings.renewMs : timings.renewSoonMs;
        await pause(Math.max(0, began + pauseMs - this.#monotonic()), this.#wake.signal);
      } else {
        await this.#retry.wait(this.#wake.signal);
      }
    }
  }

  async #renew(): Promise<boolean> {
    const { store, edgeId, timings, clock, carryOut, onUnknown, offer, logger } = this.#options;
    const before = { monotonic: this.#monotonic(), wall: clock.now() };
    this.#round += 1;
    const round = this.#round;
    try {
      await store.extend(edgeId, round, timings.leaseMs, offer?.() ?? null);
      const { revoked, position, isComplete } = await store.revokedSince(this.#position);
      if (this.#isClosed) return true;
      for (const one of revoked) this.#follow(carryOut(revocationOf(one)));
      if (!isComplete) {
        logger.warn({}, 'What ended while this edge had no lease cannot be told: all clients ask anew.');
        onUnknown();
      }
      this.#position = position;
      this.#read = round;
    } catch (error) {
      this.#failed(error);
      return false;
    }
    this.#believe(before);
    this.#tell();
    if (round % PRUNE_EVERY === 0) this.#prune();
    return true;
  }

  /** Everything that came with it was cut: it counts, from before it was asked for. */
  #believe(before: { readonly monotonic: number; readonly wall: number }): void {
    const { leaseMs, leaseMarginMs } = this.#options.timings;
    const ms = leaseMs - leaseMarginMs;
    const wasOpen = this.isOpen();
    this.#until = { monotonic: before.monotonic + ms, wall: before.wall + ms };
    if (!this.isOpen()) return;
    this.#gained.resolve();
    if (this.#isPaused) this.#options.logger.info({}, 'The lease is live again: delivery goes on.');
    this.#isPaused = false;
    if (!wasOpen) for (const listener of this.#listeners) this.#tellOpened(listener);
  }

  /** Whatever one of them does, the others are told, and renewing goes on: without it nobody here is served again. */
  #tellOpened(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#options.logger.error({ err: error }, 'Delivery does not go on everywhere.');
    }
  }

  #failed(error: unknown): void {
    const { logger } = this.#options;
    if (this.isOpen() || this.#isPaused) {
      logger.debug({ err: error }, 'The lease could not be renewed; trying again.');
      return;
    }
    this.#isPaused = true;
    logger.warn({ err: error }, 'The lease has lapsed: no events are delivered until it is renewed.');
  }

  #follow(carriedOut: Promise<void>): void {
    this.#underWay.add(carriedOut);
    const done = (): void => {
      this.#underWay.delete(carriedOut);
      this.#tell();
    };
    carriedOut.then(done, (error: unknown) => {
      this.#options.logger.error({ err: error }, 'A revocation was not carried out cleanly.');
      done();
    });
  }

  /** Says that all that was read is carried out, once nothing of it is on its way to a socket. */
  #tell(): void {
    const { store, edgeId, logger } = this.#options;
    if (this.#underWay.size > 0 || this.#told >= this.#read || this.#isClosed) return;
    const round = this.#read;
    this.#told = round;
    store.carriedOut(edgeId, round).catch((error: unknown) => {
      logger.debug({ err: error }, 'A renewal could not be confirmed; the next one confirms it too.');
    });
  }

  #prune(): void {
    const { store, logger } = this.#options;
    store.prune().catch((error: unknown) => {
      logger.debug({ err: error }, 'Old revocations could not be forgotten; the next time they are.');
    });
  }
}
