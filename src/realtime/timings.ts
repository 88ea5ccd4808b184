/** Every interval, deadline and bound of the live machinery, in one place; tests shorten them. */

export interface Timings {
  /** Between two heartbeats of a replica. */
  readonly beatMs: number;
  /** A replica not heard for this long may have said something that was missed. */
  readonly silentMs: number;
  /** A replica not heard for this long is taken for gone; only time in which this replica hears itself counts. */
  readonly goneMs: number;
  /** Between two routine looks at all local channels and memberships; each is jittered by a tenth either way. */
  readonly routineMs: number;
  /** The same while the bus is down, when nothing else would tell. */
  readonly interruptedMs: number;
  /** A topic is left this long after its last local listener. */
  readonly lingerMs: number;
  /** A subscription that starts waits this long for its topics; afterwards it goes on and looks once they are joined. */
  readonly joinMs: number;
  /** An edge may send events for this long, less the margin, from before it has asked for its lease. */
  readonly leaseMs: number;
  /** By how much the clocks of an edge and of Postgres may run unlike in the time of a lease. */
  readonly leaseMarginMs: number;
  /** Between two renewals; and while the bus brings no revocations. */
  readonly renewMs: number;
  readonly renewSoonMs: number;
  /** removeMember waits no longer than this for the edges: never shorter than a lease. */
  readonly revokeMs: number;
  /** Between two looks at who has carried out a revocation. */
  readonly revokeLookMs: number;
  /** A revocation that an edge has not confirmed is said again. */
  readonly revokeAgainMs: number;
  /** Listeners of a channel hear of a thread's replies no more often than this. */
  readonly threadMs: number;
  /** Of one sender's signals with the same key listeners hear no more than one in this time. */
  readonly signalMs: number;
  /** What was read for one replay answers others of the same channel for this long. */
  readonly keptReadMs: number;
  /** First and longest wait before a store is asked again. */
  readonly retryMs: number;
  readonly retryMaxMs: number;
}

export const defaultTimings: Timings = {
  beatMs: 1_000,
  silentMs: 2_500,
  goneMs: 10_000,
  routineMs: 60_000,
  interruptedMs: 3_000,
  lingerMs: 5_000,
  joinMs: 1_000,
  leaseMs: 10_000,
  leaseMarginMs: 500,
  renewMs: 3_000,
  renewSoonMs: 500,
  revokeMs: 10_000,
  revokeLookMs: 250,
  revokeAgainMs: 500,
  threadMs: 1_000,
  signalMs: 50,
  keptReadMs: 2_000,
  retryMs: 50,
  retryMaxMs: 2_000,
};

export interface Bounds {
  /** Rows read from a log at once, by a repair or a replay. */
  readonly chunk: number;
  /** Gaps read at the same time, over all channels: when Redis forgets everything, all have one. */
  readonly repairsAtOnce: number;
  /** Reads of replays at the same time, over all subscribers. */
  readonly replayReadsAtOnce: number;
  /** What was read for replays and is kept for others. */
  readonly keptReadBytes: number;
  /** Channels whose heads are read in one call: as many as a store can answer well within its deadline. */
  readonly headsPerCall: number;
  /**
   * What may wait for one socket, over all its subscriptions. Events are shared between subscribers, so the bytes are
   * an upper bound.
   */
  readonly queueEvents: number;
  readonly queueBytes: number;
  /** Ephemeral events wait only while what waits is less than this share of that. */
  readonly ephemeralShare: number;
  /** Channels replayed at the same time for one subscriber. */
  readonly replaysAtOnce: number;
  /** Cursors in one `after`. */
  readonly cursors: number;
  /** Channels and users named in one heartbeat; beyond that it says "all". */
  readonly namesPerBeat: number;
  /** About the size of the rows in one publication; larger ones are told by their numbers alone, and read from the log. */
  readonly publicationBytes: number;
  /** Of one tick: channels with signals; in each, senders' keys, and signals without a key. */
  readonly signals: { readonly channels: number; readonly keys: number; readonly keyless: number };
  /** Threads whose replies were told lately. */
  readonly threadRoots: number;
}

export const defaultBounds: Bounds = {
  chunk: 100,
  repairsAtOnce: 16,
  replayReadsAtOnce: 16,
  keptReadBytes: 16 * 1024 * 1024,
  headsPerCall: 1_000,
  queueEvents: 4_096,
  queueBytes: 1024 * 1024,
  ephemeralShare: 0.25,
  replaysAtOnce: 8,
  cursors: 4_096,
  namesPerBeat: 512,
  publicationBytes: 128 * 1024,
  threadRoots: 10_000,
  signals: { channels: 10_000, keys: 1_000, keyless: 16 },
};
