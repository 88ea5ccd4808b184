/**
 * Groups the hottest writes there are: one store call under way at a time carries every checkpoint and affinity
 * move that came up meanwhile, in order, folded where that changes nothing. Sends do not wait for it; markRead
 * waits for its own move.
 */
import type { Membership, MembershipStore } from '../channels/port.ts';
import { settlesWithin } from '../closing.ts';
import { rateLimited, unavailable } from '../errors.ts';
import type { Logger } from '../logger.ts';
import { MoveLine, type Waiting } from './move-line.ts';
import type { Move } from './moves.ts';

/** Memberships in one store call: what is written for each is one row, however many its moves. */
const BATCH = 500;
/** Tries of a move, and the pause between them: a restart of the database is ridden out. */
const TRIES = 5;
const RETRY_MS = 1_000;
/**
 * Moves that nobody waits for take a five hundredth of the database's time where they may: after a batch the next one
 * rests this many times as long as it took, up to a second, and carries more.
 */
const REST_TIMES = 499;
const REST_MAX_MS = 1_000;
/**
 * Whoever asks for their own place sees all that they have done here. When an event shows each of many theirs, they see
 * it no later than this after a move, the batch itself aside: one move would end the rest with each event otherwise.
 */
const UNSEEN_MS = 200;
/** A look waits so long for a batch. */
const PATIENCE_MS = 500;
/** How long closing waits for what is noted. */
const CLOSE_MS = 5_000;

export interface AdvanceQueue {
  /** Takes a move along; lost when the database stays away or the queue is full (the next markRead heals it). */
  note(move: Move): void;
  /**
   * Before somebody looks at the places of these people: resolves once what was noted of any of them is written, unless
   * the database is slow or away, or they are several and it is quite new.
   */
  settled(organizationId: string, userIds: readonly string[]): Promise<void>;
  /** Returns the membership as it is after this move; null when there is none. */
  advance(move: Move): Promise<Membership | null>;
  /**
   * Takes no more, and returns when everything noted so far is written, or given up: at the first failure, or after
   * 5 s.
   */
  close(): Promise<void>;
}

/** An own send takes the checkpoint further than its own number when later ones of theirs were noted before it. */
const hasMoved = ({ checkpoint }: Move, after: Membership): boolean =>
  checkpoint !== undefined &&
  (checkpoint.to === after.checkpoint ||
    (checkpoint.onlyFrom !== undefined && checkpoint.to < after.checkpoint));

/** @param onMoved told of each membership whose checkpoint a move has set, once for each batch. */
export function createAdvanceQueue(options: {
  readonly memberships: Pick<MembershipStore, 'advance'>;
  readonly logger: Logger;
  readonly onMoved: (membership: Membership) => void;
  readonly retryMs?: number;
}): AdvanceQueue {
  const { memberships, logger, onMoved, retryMs = RETRY_MS } = options;
  /** In order; what is in flight is no longer here. */
  const line = new MoveLine();
  let inFlight: readonly Waiting[] = [];
  /** Resolves once what is in flight has been written, or not. */
  let landed: Promise<void> = Promise.resolve();
  let running: Promise<void> | null = null;
  let isClosed = false;
  let hasGivenUp = false;

  function settle(batch: readonly Waiting[], after: readonly (Membership | null)[]): void {
    const moved = new Map<string, Membership>();
    for (const [i, { waiters, move }] of batch.entries()) {
      const membership = after[i] ?? null;
      for (const waiter of waiters) waiter.resolve(membership);
      if (membership !== null && hasMoved(move, membership)) moved.set(membership.id, membership);
    }
    // An answer after closing gave up finds nobody: what tells of the move may be closed itself.
    if (!hasGivenUp) for (const membership of moved.values()) onMoved(membership);
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
    line.putBack(again);
  }

  /** A database that is away fails each batch in turn, each after a deadline: closing cannot wait for that. */
  function giveUp(cause: unknown): void {
    if (hasGivenUp) return;
    hasGivenUp = true;
    const lost = [...inFlight, ...line.take(line.length)];
    for (const waiter of lost.flatMap((entry) => entry.waiters))
      waiter.reject(unavailable('database', cause));
    logger.warn({ dropped: lost.length }, 'checkpoints were not written before closing');
  }

  async function run(): Promise<void> {
    // The moves of this turn of the event loop go together.
    await Promise.resolve();
    while (line.length > 0) {
      const batch = line.take(BATCH);
      inFlight = batch;
      const flight = Promise.withResolvers<void>();
      landed = flight.promise;
      const isFull = line.length > 0;
      const began = performance.now();
      try {
        const after = await memberships.advance(batch.map((entry) => entry.move));
        settle(batch, after);
        isAway = false;
      } catch (error) {
        isAway = true;
        failed(batch, error);
      } finally {
        inFlight = [];
        flight.resolve();
      }
      if (isAway) {
        if (line.length > 0 && !isClosed) await pause(retryMs);
        continue;
      }
      await rest(performance.now() - began, isFull);
    }
    running = null;
  }

  /** Ends as soon as somebody waits. Does not begin while more waits than a batch carries. */
  async function rest(took: number, isFull: boolean): Promise<void> {
    const ms = Math.min(took * REST_TIMES, REST_MAX_MS);
    if (ms < 1 || isClosed || isFull || line.isWaitedFor) return;
    seenAt = performance.now() + UNSEEN_MS;
    isResting = true;
    await pause(ms);
    isResting = false;
  }

  let isResting = false;
  /** The last batch could not be written. */
  let isAway = false;
  /** By performance.now(): who looks from then on ends the rest. */
  let seenAt = 0;
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
      if (line.put(move) === null)
        logger.warn({ waiting: line.length }, 'checkpoint queue full: a move was dropped');
      else start();
    },
    async settled(organizationId, userIds) {
      if (isAway) return;
      const [one] = userIds;
      const isAlone = userIds.length === 1;
      const waits: Promise<unknown>[] = [];
      if (isAlone && inFlight.some(({ move: m }) => m.userId === one && m.organizationId === organizationId))
        waits.push(landed);
      const { last } = line;
      const isTime = isAlone || (isResting && performance.now() >= seenAt);
      if (last !== undefined && isTime && line.hasAnyOf(organizationId, userIds)) {
        const waiter = Promise.withResolvers<Membership | null>();
        last.waiters.push(waiter);
        waits.push(waiter.promise);
        if (isResting) wake();
      }
      if (waits.length > 0) await settlesWithin(PATIENCE_MS, Promise.allSettled(waits));
    },
    advance(move) {
      const entry = isClosed ? null : line.put(move);
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
