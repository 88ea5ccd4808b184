/**
 * How often somebody may do something: a bucket for each that fills at an even rate. Those that are full are forgotten,
 * and the fullest first when there are too many.
 */

export interface RateOptions {
  /** How many at once. */
  readonly burst: number;
  /** In how long an empty bucket is full. */
  readonly perMs: number;
  /** Buckets kept. */
  readonly most: number;
  /** Milliseconds, never running backwards. */
  readonly now?: () => number;
}

/** Times are fractions: adding and subtracting the same one may leave a little, which must not refuse anybody. */
const ROUNDING_MS = 0.001;

export class Rate {
  readonly #options: Required<RateOptions>;
  /** When each bucket will be full; the one used longest ago first. */
  readonly #fullAt = new Map<string, number>();

  constructor(options: RateOptions) {
    this.#options = { now: () => performance.now(), ...options };
  }

  get size(): number {
    return this.#fullAt.size;
  }

  /** Takes one: 0; or, when there is none, after how many milliseconds there is. */
  take(key: string): number {
    const { burst, perMs, now } = this.#options;
    const time = now();
    const cost = perMs / burst;
    const fullAt = Math.max(this.#fullAt.get(key) ?? 0, time) + cost;
    const early = fullAt - time - perMs;
    if (early > ROUNDING_MS) return Math.ceil(early);
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt);
    this.#forget(time);
    return 0;
  }

  /** A few of those used longest ago: all that are full are met in time. */
  #forget(time: number): void {
    let looked = 0;
    for (const [key, fullAt] of this.#fullAt) {
      const isTooMany = this.#fullAt.size > this.#options.most;
      if (!isTooMany && (fullAt > time || looked >= 8)) return;
      this.#fullAt.delete(key);
      looked += 1;
    }
  }
}
