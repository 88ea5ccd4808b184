/** Times for tests in which they really go by. */
import type { PresenceTimings } from '../timings.ts';

/** Between two looks a replica has written itself down again, on any machine. */
export const LOOK_MS = 600;

export const short: Partial<PresenceTimings> = {
  graceMs: 300,
  flushMs: 10,
  refreshMs: 100,
  lapseMs: 1_500,
  lookMs: LOOK_MS,
};
