/**
 * One deadline for many things that wait equally long: each send, each call of a store. They fall due in the order in
 * which they came, so that one timer does for all of them; a timer for each, set and cleared, was a part of what each
 * cost. Where timers come in time none falls due late, and of a second or more none more than a sixteenth early; a busy
 * event loop delays each look by what it delays any timer, and so counts no wait that nobody could have answered in.
 */

/** Looks that each waits for: in whole, that is; the first one may come at any moment. Fewer where they would crowd. */
const LOOKS = 32;
const CROWDED_MS = 30;

export class Deadlines<Waiting> {
  readonly #everyMs: number;
  readonly #most: number;
  readonly #onLate: (waiting: Waiting) => void;
  /** The look before which each came; those who came first come first. */
  readonly #waiting = new Map<Waiting, number>();
  #looks = 0;
  #timer: NodeJS.Timeout | null = null;

  /** @param onLate called with what has waited so long, and waits no more. */
  constructor(ms: number, onLate: (waiting: Waiting) => void) {
    this.#most = Math.min(LOOKS, Math.max(2, Math.floor(ms / CROWDED_MS)));
    this.#everyMs = Math.max(1, Math.floor(ms / (this.#most + 1)));
    this.#onLate = onLate;
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(waiting: Waiting): void {
    // The next look may come at once, and counts for nothing then; the first one of a new timer counts whole.
    this.#waiting.set(waiting, this.#timer === null ? this.#looks : this.#looks + 1);
    this.#timer ??= this.#start();
  }

  /** It waits no more. */
  delete(waiting: Waiting): void {
    this.#waiting.delete(waiting);
  }

  /** The timer is left running when nothing waits any more: clearing it each time would cost what it saves. */
  #start(): NodeJS.Timeout {
    // What waits is held by whatever is to answer it.
    return setTimeout(() => this.#look(), this.#everyMs).unref();
  }

  #look(): void {
    this.#looks += 1;
    this.#timer = this.#waiting.size === 0 ? null : this.#start();
    for (const [waiting, since] of this.#waiting) {
      if (this.#looks - since < this.#most) return;
      this.#waiting.delete(waiting);
      this.#onLate(waiting);
    }
  }
}
