/** The bounds of appending: of a batch, of what may wait, of how far and how long. Tests take smaller ones. */
export interface AppendLimits {
  /**
   * A batch: as many messages as share one step of the store without making each other wait for long. Bytes are
   * what the entry's values take in UTF-8, JSON for metadata and mentions, and something for ids: an estimate is
   * enough, since they bound memory and time and nothing else.
   */
  readonly batchRows: number;
  readonly batchBytes: number;
  /** How long the next batch waits for those whom the last one answered, when they were several. */
  readonly gatherMs: number;
  /** A send settles within this. */
  readonly sendMs: number;
  /** A read settles within this, however many calls it takes. */
  readonly readMs: number;
  /** Sends waiting in one channel, and bytes waiting in all. */
  readonly channelSends: number;
  readonly waitingBytes: number;
  /** Channels whose position is kept in memory. */
  readonly openChannels: number;
  /** Hashes of send keys that are kept of buckets written from here, numbers of four bytes. */
  readonly writtenKeys: number;
  /** Buckets searched for an earlier copy of one send, beyond the newest. */
  readonly searchBuckets: number;
  /** An id older than this may reach further back than can be searched, and is then refused. */
  readonly youngMs: number;
}

/** How far a client's clock may be off for the time in its id to count. */
export const CLIENT_CLOCK_MS = 10 * 60_000;

export const appendLimits: AppendLimits = {
  batchRows: 64,
  batchBytes: 256 * 1024,
  gatherMs: 5,
  sendMs: 10_000,
  readMs: 10_000,
  channelSends: 1_000,
  waitingBytes: 64 * 1024 * 1024,
  openChannels: 10_000,
  // 16 MB: ten minutes of some busy channels.
  writtenKeys: 4 * 1024 * 1024,
  searchBuckets: 64,
  // `since` is already ten minutes before the id's time: an id ten minutes old names a time twenty minutes back.
  youngMs: 2 * CLIENT_CLOCK_MS,
};
