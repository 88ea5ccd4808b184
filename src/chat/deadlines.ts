/**
 * One deadline for many things that wait equally long: each send, each call of a store. They fall due in the order in
 * which they came, so that one timer does for all of them; a timer for each, set and cleared, was a part of what each
 * cost.
 */
export class Deadlines<Waiting> {
  readonly #ms: number;
  readonly #onLate: (waiting: Waiting) => void;
  /** Since when, by performance.now(); those who came first come first. */
  readonly #waiting = new Map<Waiting, number>();
  #timer: NodeJS.Timeout | null = null;

  /** @param onLate called with what has waited so long, and waits no more. */
  constructor(ms: number, onLate: (waiting: Waiting) => void) {
    this.#ms = ms;
    this.#onLate = onLate;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(waiting: Waiting): void {
    this.#waiting.set(waiting, performance.now());
    this.#timer ??= this.#startIn(this.#ms);
  }

  /** It waits no more. */
  delete(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  /** The timer is left running when nothing waits: clearing it each time would cost what it saves. */
  #startIn(ms: number): NodeJS.Timeout {
    const timer = setTimeout(() => this.#look(), ms);
    // What waits is held by whatever is to answer it.
    return timer.unref();
  }

  #look(): void {
    this.#timer = null;
    for (const [waiting, since] of this.#waiting) {
      const left = since + this.#ms - performance.now();
      // Timers may come a little early.
      if (left > 1) {
        this.#timer ??= this.#startIn(left);
        return;
      }
      this.#waiting.delete(waiting);
      this.#onLate(waiting);
    }
  }
}
