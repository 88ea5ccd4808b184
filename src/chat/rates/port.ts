/**
 * The port of what replicas count together. It may be slow, away, or have forgotten: then each replica goes by what it
 * has counted itself.
 */

/** So many within a window of time; the window begins with the first. */
export interface RateLimit {
  readonly most: number;
  /** Whole seconds. */
  readonly perMs: number;
}

/** What all replicas have counted in the window that is open. */
export interface SharedCount {
  readonly count: number;
  /** Until the window ends. */
  readonly leftMs: number;
}

/** One limit's counts. */
export interface SharedCounts {
  /**
   * Adds to the window that is open for the key, or opens one. Settles within a short deadline; what rejects was added, or
   * not.
   */
  add(key: string, taken: number): Promise<SharedCount>;
}

/** Where the counts of several limits are kept. */
export interface SharedRates {
  /** The counts of one limit; `name` keeps those of different limits apart. */
  counts(name: string, limit: RateLimit): SharedCounts;
  close(): Promise<void>;
}
