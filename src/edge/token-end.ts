/** Watches for the end of a token: says once that it is near, a minute before, and then that it has come. */
import type { Clock } from '../chat/clock.ts';
import { limits } from '../chat/limits.ts';

/** The longest time that a timer can be set for. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface TokenEndListener {
  /** Told at once of a token that ends within a minute when it comes. */
  isNear(): void;
  isHere(): void;
}

export class TokenEnd {
  readonly #clock: Clock;
  readonly #listener: TokenEndListener;
  #at: number | null = null;
  #near: Date | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, listener: TokenEndListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  /** When it ends, while that is near. */
  get near(): Date | null {
    return this.#near;
  }

  /** It is this one from now on, milliseconds since the epoch. */
  set(at: number): void {
    if (this.#at === at) return;
    this.#at = at;
    this.#near = null;
    this.#look(at);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #look(at: number): void {
    clearTimeout(this.#timer);
    const left = at - this.#clock.now();
    if (left <= 0) {
      this.#listener.isHere();
      return;
    }
    const untilNear = left - limits.sessionNoticeMs;
    // A timer may fire a moment early, and a long one is set in parts: it looks again.
    const wait = Math.min(untilNear > 0 ? untilNear : left, MAX_TIMER_MS);
    this.#timer = setTimeout(() => this.#look(at), wait);
    if (untilNear > 0 || this.#near !== null) return;
    this.#near = new Date(at);
    // Last: whoever is told may close this, or set another end.
    this.#listener.isNear();
  }
}
