/**
 * One limit, for each of many keys: who takes is answered at once, from what is counted here. What was taken is told to
 * the other replicas afterwards and in portions, each a tenth of what is left of the limit, so that asking costs next
 * to nothing: whoever keeps far from the limit is never told of at all, and nothing ever waits for an answer.
 *
 * Exact: one replica lets through no more than the limit within a window, whatever Redis does. Approximate: several
 * together may go over it by what they have not told each other yet, a tenth of the limit each at most, and what is
 * taken while an answer is on its way.
 */
import type { RateLimit, SharedCount, SharedCounts } from './port.ts';

interface Window {
  /** By the monotonic clock. */
  endsAt: number;
  /** Taken by all, as far as is known, what was told by this replica included. */
  told: number;
  /** Taken here since. */
  untold: number;
  isTelling: boolean;
}

export interface WindowOptions {
  readonly limit: RateLimit;
  /** Null: this is the only replica. */
  readonly shared: SharedCounts | null;
  /** Windows kept; above that the older ones are forgotten, and what was taken in them. */
  readonly most?: number;
  /** Milliseconds, never running backwards. */
  readonly now?: () => number;
  /** Telling failed: not for what it leads to, but to be seen. */
  readonly onFailure?: (error: unknown) => void;
}

const MOST = 50_000;
/** Portions in which a whole limit is told. */
const PORTIONS = 10;
/** After it failed. Meanwhile what is taken gathers here. */
const REST_MS = 1_000;

export class Windows {
  readonly #limit: RateLimit;
  readonly #shared: SharedCounts | null;
  readonly #most: number;
  readonly #now: () => number;
  readonly #onFailure: (error: unknown) => void;
  /**
   * Two generations instead of an order: the older goes as a whole when all in it are over, and nobody ever looks through
   * either (a Map walks over all that was deleted at its beginning).
   */
  #young = new Map<string, Window>();
  #old = new Map<string, Window>();
  #turnsAt = -Infinity;
  #restsUntil = -Infinity;

  constructor({ limit, shared, most = MOST, now, onFailure = () => undefined }: WindowOptions) {
    this.#limit = limit;
    this.#shared = shared;
    this.#most = most;
    this.#now = now ?? (() => performance.now());
    this.#onFailure = onFailure;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** 0 when there is one to take; else after how many milliseconds there is. Takes nothing. */
  wait(key: string): number {
    const window = this.#find(key);
    if (window === undefined || window.told + window.untold < this.#limit.most) return 0;
    return Math.max(0, Math.ceil(window.endsAt - this.#now()));
  }

  /** Takes one, which `wait` has found to be there. */
  take(key: string): void {
    const window = this.#windowOf(key);
    window.untold += 1;
    if (this.#shared !== null) this.#tell(key, window, this.#shared);
  }

  #find(key: string): Window | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  #windowOf(key: string): Window {
    const now = this.#now();
    const known = this.#find(key);
    const window =
      known !== undefined && known.endsAt > now
        ? known
        : { endsAt: now + this.#limit.perMs, told: 0, untold: 0, isTelling: false };
    if (this.#young.get(key) === window) return window;
    if (now >= this.#turnsAt || this.#young.size >= this.#most / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#turnsAt = now + this.#limit.perMs;
    }
    this.#old.delete(key);
    this.#young.set(key, window);
    return window;
  }

  #tell(key: string, window: Window, shared: SharedCounts): void {
    if (window.isTelling) return;
    const left = this.#limit.most - window.told;
    if (window.untold < Math.max(1, Math.floor(left / PORTIONS))) return;
    if (this.#now() < this.#restsUntil) return;
    const taken = window.untold;
    window.isTelling = true;
    // Counted as told from here on: if it fails nobody knows whether it arrived, and here it counts in any case.
    window.untold = 0;
    window.told += taken;
    shared.add(key, taken).then(
      (answer) => this.#told(key, window, answer, shared),
      (error: unknown) => {
        window.isTelling = false;
        this.#restsUntil = this.#now() + REST_MS;
        this.#onFailure(error);
      },
    );
  }

  #told(key: string, window: Window, { count, leftMs }: SharedCount, shared: SharedCounts): void {
    window.isTelling = false;
    // Less than is known here, or no number: Redis did not hear all of it, has forgotten, or is in the next window
    // already. What is counted here holds to its end then.
    if (count >= window.told && leftMs >= 0) {
      // All replicas' windows of a key end together.
      window.endsAt = this.#now() + Math.min(Math.max(leftMs, 1), this.#limit.perMs);
      window.told = count;
    }
    // What was taken meanwhile may be a portion again; in a window that is over it is told nobody.
    if (this.#find(key) === window) this.#tell(key, window, shared);
  }
}
