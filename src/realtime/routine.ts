/** Looks at the truth now and then, whatever was heard: seldom while all is well, often while replicas cannot hear each other. */
import type { Timings } from './timings.ts';

export class Routine {
  readonly #timings: Timings;
  readonly #hearsOthers: () => boolean;
  readonly #look: () => void;
  #timer: NodeJS.Timeout | undefined;

  /** Starts the timer; whoever made it closes it. */
  constructor(timings: Timings, hearsOthers: () => boolean, look: () => void) {
    this.#timings = timings;
    this.#hearsOthers = hearsOthers;
    this.#look = look;
    this.schedule();
  }

  /** The next look comes after the pause that is right now, counted anew. */
  schedule(): void {
    const { routineMs, interruptedMs } = this.#timings;
    // Jittered: replicas that were started together must not ask together.
    const ms = this.#hearsOthers() ? routineMs * (0.9 + Math.random() / 5) : interruptedMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.look(), ms);
    this.#timer.unref();
  }

  look(): void {
    this.#look();
    this.schedule();
  }

  close(): void {
    clearTimeout(this.#timer);
  }
}
