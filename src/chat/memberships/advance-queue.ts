/**
 * Groups the hottest writes there are: one store call under way at a time carries every checkpoint and affinity
 * move that came up meanwhile, one per membership, folded where that changes nothing. Sends do not wait for it;
 * markRead waits for its own move.
 */
import type { Membership, MembershipStore } from '../channels/port.ts';
import { rateLimited, unavailable } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { foldMoves, type Move } from './moves.ts';

/** Memberships moved by one statement. */
const BATCH = 500;
/** Moves that may wait: some seconds of a busy replica. */
const MAX_WAITING = 20_000;
/** Tries of a move, and the pause between them: a restart of the database is ridden out. */
const TRIES = 5;
const RETRY_MS = 1_000;

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
  /** Returns when everything noted so far is written or given up, and takes no more. */
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
  /** For each membership its moves in order; those in flight are no longer here. */
  const waiting = new Map<string, Waiting[]>();
  let count = 0;
  let running: Promise<void> | null = null;
  let isClosed = false;

  const keyOf = (m: Move) => `${m.organizationId}/${m.channelId}/${m.userId}`;

  /** Returns null when the queue is full. */
  function put(move: Move): Waiting | null {
    const key = keyOf(move);
    const line = waiting.get(key) ?? [];
    const last = line.at(-1);
    const folded = last === undefined ? null : foldMoves(last.move, move);
    if (last !== undefined && folded !== null) {
      last.move = folded;
      return last;
    }
    if (count >= MAX_WAITING) return null;
    const entry: Waiting = { move, tries: 0, waiters: [] };
    waiting.set(key, [...line, entry]);
    count += 1;
    return entry;
  }

  function take(): Waiting[] {
    const batch: Waiting[] = [];
    for (const [key, line] of waiting) {
      if (batch.length === BATCH) break;
      const [first, ...rest] = line;
      if (first !== undefined) batch.push(first);
      if (rest.length === 0) waiting.delete(key);
      else waiting.set(key, rest);
    }
    count -= batch.length;
    return batch;
  }

  function settle(entry: Waiting, membership: Membership | null): void {
    for (const waiter of entry.waiters) waiter.resolve(membership);
    if (membership !== null && entry.move.checkpoint?.to === membership.checkpoint) onMoved(membership);
  }

  /** Whoever waits is told. Forward moves go back to the front of their line: repeating them does no harm. */
  function failed(batch: readonly Waiting[], cause: unknown): void {
    logger.warn({ moves: batch.length, err: cause }, 'checkpoints could not be written');
    for (const entry of batch) {
      entry.tries += 1;
      for (const waiter of entry.waiters.splice(0)) waiter.reject(unavailable('database', cause));
      const isRepeatable = entry.move.checkpoint?.backward !== true;
      if (!isRepeatable || isClosed || entry.tries >= TRIES || count >= MAX_WAITING) continue;
      const key = keyOf(entry.move);
      waiting.set(key, [entry, ...(waiting.get(key) ?? [])]);
      count += 1;
    }
  }

  async function run(): Promise<void> {
    // The moves of this turn of the event loop go together.
    await Promise.resolve();
    while (count > 0) {
      const batch = take();
      try {
        const after = await memberships.advance(batch.map((entry) => entry.move));
        batch.forEach((entry, i) => {
          settle(entry, after[i] ?? null);
        });
      } catch (error) {
        failed(batch, error);
        if (count > 0 && !isClosed) await pause();
      }
    }
    running = null;
  }

  let wake: () => void = () => undefined;
  function pause(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, retryMs);
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
      if (put(move) === null) logger.warn({ waiting: count }, 'checkpoint queue full: a move was dropped');
      else start();
    },
    advance(move) {
      const entry = isClosed ? null : put(move);
      if (entry === null) return Promise.reject(rateLimited('Too many checkpoints wait. Try again.', 1_000));
      const waiter = Promise.withResolvers<Membership | null>();
      entry.waiters.push(waiter);
      start();
      return waiter.promise;
    },
    async close() {
      isClosed = true;
      wake();
      await running;
    },
  };
}
