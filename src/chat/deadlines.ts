/**
 * One deadline for many things that wait equally long: each send, each call of a store. Those that come within moments
 * of each other share a timer; one for each, set and cleared, was a part of what each cost. None falls due later than by
 * a timer of its own, and of a second or more none more than a thirty-second part earlier.
 */

/** Timers at a time. Fewer where they would crowd. */
const TIMERS = 32;
const CROWDED_MS = 30;

export class Deadlines<Waiting> {
  readonly #ms: number;
  /** For so long after the first one others share its timer. */
  readonly #sharedMs: number;
  readonly #onLate: (waiting: Waiting) => void;
  /** The timer that each shares, by its number; those who came first come first. */
  readonly #waiting = new Map<Waiting, number>();
  #timers = 0;
  /** The newest timer is still shared. */
  #isShared = false;

  /** @param onLate called with what has waited so long, and waits no more. */
  constructor(ms: number, onLate: (waiting: Waiting) => void) {
    this.#ms = ms;
    this.#sharedMs = ms / Math.min(TIMERS, Math.max(4, Math.floor(ms / CROWDED_MS)));
    this.#onLate = onLate;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(waiting: Waiting): void {
    if (!this.#isShared) this.#start();
    this.#waiting.set(waiting, this.#timers);
  }

  /** It waits no more. */
  delete(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  /** Left running when nothing waits any more: clearing it each time would cost what it saves. */
  #start(): void {
    this.#timers += 1;
    this.#isShared = true;
    const own = this.#timers;
    // What waits is held by whatever is to answer it.
    setTimeout(() => this.#due(own), this.#ms).unref();
    setTimeout(() => {
      this.#isShared = false;
    }, this.#sharedMs).unref();
  }

  #due(timer: number): void {
    for (const [waiting, shares] of this.#waiting) {
      if (shares > timer) return;
      this.#waiting.delete(waiting);
      this.#onLate(waiting);
    }
  }
}
