/**
 * Groups the hottest writes there are: one store call under way at a time carries every checkpoint and affinity
 * move that came up meanwhile, in order, folded where that changes nothing. Sends do not wait for it; markRead
 * waits for its own move.
 */
import type { Membership, MembershipStore } from '../channels/port.ts';
import { settlesWithin } from '../closing.ts';
import { rateLimited, unavailable } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { foldMoves, type Move } from './moves.ts';

/** Moves in one store call. */
const BATCH = 500;
/** Moves that may wait: some seconds of a busy replica. */
const MAX_WAITING = 20_000;
/** Tries of a move, and the pause between them: a restart of the database is ridden out. */
const TRIES = 5;
const RETRY_MS = 1_000;
/**
 * Moves that nobody waits for take a tenth of the database's time at most: after a batch the next one rests this many
 * times as long as it took, up to a fifth of a second, and carries more.
 */
const REST_TIMES = 9;
const REST_MAX_MS = 200;
/** How long closing waits for what is noted. */
const CLOSE_MS = 5_000;

interface Waiting {
  move: Move;
  tries: number;
  readonly waiters: PromiseWithResolvers<Membership | null>[];
}

export interface AdvanceQueue {
  /** Takes a move along; lost when the database stays away or the queue is full (the next markRead heals it). */
  note(move: Move): void;
  /** Returns the membership as it is after this move; null when there is none. */
  advance(move: Move): Promise<Membership | null>;
  /**
   * Takes no more, and returns when everything noted so far is written, or given up: at the first failure, or after
   * 5 s.
   */
  close(): Promise<void>;
}

/** @param onMoved told of each membership whose checkpoint a move has set. */
export function createAdvanceQueue(options: {
  readonly memberships: Pick<MembershipStore, 'advance'>;
  readonly logger: Logger;
  readonly onMoved: (membership: Membership) => void;
  readonly retryMs?: number;
}): AdvanceQueue {
  const { memberships, logger, onMoved, retryMs = RETRY_MS } = options;
  /** In order; what is in flight is no longer here. */
  let line: Waiting[] = [];
  let inFlight: readonly Waiting[] = [];
  /** The last waiting move of each membership, which the next one may be folded into. */
  const lastOf = new Map<string, Waiting>();
  let running: Promise<void> | null = null;
  let isClosed = false;
  let hasGivenUp = false;

  const keyOf = (m: Move) => `${m.organizationId}/${m.channelId}/${m.userId}`;

  /** Returns null when the queue is full. */
  function put(move: Move): Waiting | null {
    const key = keyOf(move);
    const last = lastOf.get(key);
    const folded = last === undefined ? null : foldMoves(last.move, move);
    if (last !== undefined && folded !== null) {
      last.move = folded;
      return last;
    }
    if (line.length >= MAX_WAITING) return null;
    const entry: Waiting = { move, tries: 0, waiters: [] };
    line.push(entry);
    lastOf.set(key, entry);
    return entry;
  }

  function take(): Waiting[] {
    const batch = line.splice(0, BATCH);
    for (const entry of batch) {
      const key = keyOf(entry.move);
      if (lastOf.get(key) === entry) lastOf.delete(key);
    }
    return batch;
  }

  function settle(entry: Waiting, membership: Membership | null): void {
    for (const waiter of entry.waiters) waiter.resolve(membership);
    // An answer after closing gave up finds nobody: what tells of the move may be closed itself.
    if (hasGivenUp) return;
    if (membership !== null && entry.move.checkpoint?.to === membership.checkpoint) onMoved(membership);
  }

  /** Whoever waits is told. Forward moves go back to the front of the line: repeating them does no harm. */
  function failed(batch: readonly Waiting[], cause: unknown): void {
    logger.warn({ moves: batch.length, err: cause }, 'checkpoints could not be written');
    if (isClosed) {
      giveUp(cause);
      return;
    }
    const again: Waiting[] = [];
    for (const entry of batch) {
      entry.tries += 1;
      for (const waiter of entry.waiters.splice(0)) waiter.reject(unavailable('database', cause));
      const isRepeatable = entry.move.checkpoint?.backward !== true;
      if (isRepeatable && entry.tries < TRIES) again.push(entry);
    }
    line = [...again, ...line];
  }

  /** A database that is away fails each batch in turn, each after a deadline: closing cannot wait for that. */
  function giveUp(cause: unknown): void {
    if (hasGivenUp) return;
    hasGivenUp = true;
    const lost = [...inFlight, ...line];
    line = [];
    lastOf.clear();
    for (const waiter of lost.flatMap((entry) => entry.waiters))
      waiter.reject(unavailable('database', cause));
    logger.warn({ dropped: lost.length }, 'checkpoints were not written before closing');
  }

  async function run(): Promise<void> {
    // The moves of this turn of the event loop go together.
    await Promise.resolve();
    while (line.length > 0) {
      const batch = take();
      inFlight = batch;
      const began = performance.now();
      try {
        const after = await memberships.advance(batch.map((entry) => entry.move));
        batch.forEach((entry, i) => {
          settle(entry, after[i] ?? null);
        });
      } catch (error) {
        failed(batch, error);
        if (line.length > 0 && !isClosed) await pause(retryMs);
        continue;
      }
      await rest(performance.now() - began);
    }
    running = null;
  }

  /** Ends as soon as somebody waits. */
  async function rest(took: number): Promise<void> {
    const ms = Math.min(took * REST_TIMES, REST_MAX_MS);
    if (ms < 1 || isClosed || line.some((entry) => entry.waiters.length > 0)) return;
    isResting = true;
    await pause(ms);
    isResting = false;
  }

  let isResting = false;
  let wake: () => void = () => undefined;
  function pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }

  const start = () => {
    running ??= run();
  };

  return {
    note(move) {
      if (isClosed) return;
      if (put(move) === null)
        logger.warn({ waiting: line.length }, 'checkpoint queue full: a move was dropped');
      else start();
    },
    advance(move) {
      const entry = isClosed ? null : put(move);
      if (entry === null) return Promise.reject(rateLimited('Too many checkpoints wait. Try again.', 1_000));
      const waiter = Promise.withResolvers<Membership | null>();
      entry.waiters.push(waiter);
      if (isResting) wake();
      start();
      return waiter.promise;
    },
    async close() {
      isClosed = true;
      wake();
      if (running === null) return;
      const isWritten = await settlesWithin(CLOSE_MS, running);
      if (!isWritten) giveUp(new Error('the database did not answer before closing'));
    },
  };
}
