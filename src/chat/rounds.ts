/**
 * What every replica does again and again, each at its own uneven pace, so that they drift apart; one round at a time.
 */
import { settlesWithin } from './closing.ts';

const CLOSE_MS = 5_000;

export interface Rounds<T> {
  /** One round now, or the one under way. */
  run(): Promise<T>;
  readonly isClosed: boolean;
  /** No further round begins; a longer one is told by `isClosed` to end, and waited for a little. */
  close(): Promise<void>;
}

/** Begins after about `everyMs`. Whoever made it must close it. @param work never throws */
export function startRounds<T>(work: () => Promise<T>, everyMs: number): Rounds<T> {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<T> | null = null;

  function run(): Promise<T> {
    round ??= work().finally(() => {
      round = null;
    });
    return round;
  }

  function schedule(): void {
    if (isClosed) return;
    // Between a half and one and a half times the pace.
    timer = setTimeout(() => void run().finally(schedule), everyMs * (0.5 + Math.random()));
    timer.unref();
  }
  schedule();

  return {
    run,
    get isClosed() {
      return isClosed;
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      if (round !== null) await settlesWithin(CLOSE_MS, round);
    },
  };
}
