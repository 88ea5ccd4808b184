/** Waiting out a store that does not answer: everything an import does may be repeated. */
import { setTimeout as delay } from 'node:timers/promises';
import { ChatError } from '../../chat/errors.ts';

export interface Patience {
  /** How long to wait before each further try; as many tries as there are pauses. */
  readonly pausesMs: readonly number[];
  readonly signal: AbortSignal;
}

/** With the stores' own deadlines this bridges about a minute. */
export const PAUSES_MS = [500, 1_000, 2_000, 4_000, 8_000];

/** Asks again while the store does not answer. */
export async function patiently<T>(patience: Patience, ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (failure) {
      await waitOut(patience, failure, tries);
    }
  }
}

/** Waits before the next try; throws the failure when trying again is no use, or the run ends. */
export async function waitOut(patience: Patience, failure: unknown, tries: number): Promise<void> {
  const pause = patience.pausesMs[tries];
  if (!(failure instanceof ChatError && failure.retryable)) throw failure;
  if (pause === undefined || patience.signal.aborted) throw failure;
  const ms = Math.max(pause, failure.retryAfterMs ?? 0);
  await delay(ms, undefined, { signal: patience.signal }).catch(() => {
    // The only way a pause fails: the run is being stopped.
    throw failure;
  });
}
