/** Waiting with an end: retries that back off, and promises that are not waited for longer than it makes sense. */
import { pause } from '../chat/pause.ts';

/** Jittered exponential back-off for one thing that is tried again and again. */
export class Retry {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #nextMs: number;

  constructor({ retryMs, retryMaxMs }: { readonly retryMs: number; readonly retryMaxMs: number }) {
    this.#firstMs = retryMs;
    this.#maxMs = retryMaxMs;
    this.#nextMs = retryMs;
  }

  /** Waits the next, longer time, or until the signal aborts. Never rejects. */
  async wait(signal: AbortSignal): Promise<void> {
    const ms = this.#nextMs * (0.5 + Math.random() / 2);
    this.#nextMs = Math.min(this.#nextMs * 2, this.#maxMs);
    await pause(ms, signal);
  }

  /** It worked: the next wait is short again. */
  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}

/**
 * True when the promise resolved within `ms`; false when it did not, or the signal aborted first. Without a signal of its
 * own: everybody in a crowd that subscribes waits here, and aborting one each was 4% of what the crowd cost.
 */
export function within(ms: number, promise: Promise<unknown>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', late);
    };
    const late = (): void => {
      over();
      resolve(false);
    };
    const timer = setTimeout(late, ms);
    signal.addEventListener('abort', late);
    promise.then(
      () => {
        over();
        resolve(true);
      },
      (error: unknown) => {
        over();
        reject(error);
      },
    );
    if (signal.aborted) late();
  });
}
