/** Every interval of presence, in one place; tests shorten them. */

export interface PresenceTimings {
  /** A person stays as they were for this long after their last connection: a reconnect within it shows nothing. */
  readonly graceMs: number;
  /** Changes of this long are written, and told, together. */
  readonly flushMs: number;
  /** Between two times that a replica stands by what it wrote. */
  readonly refreshMs: number;
  /** What a replica that does not is forgotten after. */
  readonly lapseMs: number;
  /** Between two looks at everybody who is watched here; who seems gone, unannounced, is shown so by the second. */
  readonly lookMs: number;
  /** What is heard of people within this is read together. */
  readonly hearMs: number;
  /** A subscription that starts waits this long for its topics. */
  readonly joinMs: number;
  /** A topic is left this long after its last watcher. */
  readonly lingerMs: number;
}

/** A replica that dies is noticed within `lapseMs` and two looks: 25 s. */
export const presenceTimings: PresenceTimings = {
  graceMs: 10_000,
  flushMs: 200,
  refreshMs: 4_000,
  lapseMs: 15_000,
  lookMs: 5_000,
  hearMs: 50,
  joinMs: 1_000,
  lingerMs: 5_000,
};
