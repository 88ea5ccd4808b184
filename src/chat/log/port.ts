/**
 * The port of a channel's log: what an adapter (Cassandra, SQLite) does in one step each. Everything that makes
 * a log gap-free, everything that retries and decides, is above this line (channel-appender.ts) and shared by all adapters.
 *
 * A channel has two logs of the same shape, messages and changes; an adapter is made once for each with the codec
 * of its entries. A log is cut into buckets of `bucketSize` numbers; bucket = floor((seq - 1) / bucketSize). One
 * bucket is one partition and holds its statics (`last`, `lastAt`), its rows, and one send row per send key.
 */

export interface ChannelKey {
  readonly organizationId: string;
  readonly channelId: string;
}

/** One numbered entry of a log. */
export interface LogRow<Entry> {
  readonly seq: number;
  /** When it was appended, milliseconds since the epoch; never before that of `seq - 1`. */
  readonly at: number;
  /** Names the send within its channel; the same key never gets two numbers in one bucket. */
  readonly sendKey: string;
  readonly entry: Entry;
}

/** The static columns of a bucket. Null in place of it means that nothing was ever appended to the bucket. */
export interface BucketState {
  /**
   * The newest number in the bucket; -1 once the log is sealed. What is sealed is the bucket of the next number, which
   * may have nothing in it: with the full one before it sealed instead, an append could still begin the next.
   */
  readonly last: number;
  /** Time of the newest entry, milliseconds since the epoch. */
  readonly lastAt: number;
  /** Of a change log: every change up to this rev is projected (ProjectionStore.noteProjected); absent before the first. */
  readonly projected?: number;
  /** Once the log is sealed: its last number for good, and the cell where it goes on. */
  readonly sealed?: { readonly at: number; readonly to: string };
}

export interface BucketRef {
  readonly channel: ChannelKey;
  readonly bucket: number;
}

export interface AppendBatch<Entry> extends BucketRef {
  /** The batch applies only while the bucket's `last` is exactly this; null: while the bucket has none yet. */
  readonly expectedLast: number | null;
  /**
   * One or more rows, numbered on from the channel's head without a gap, all within `bucket`, no send key twice.
   * The batch applies only if none of the keys has a send row in this bucket yet.
   */
  readonly rows: readonly LogRow<Entry>[];
}

/** What a bucket says of itself and of some sends. */
export interface BucketAnswer {
  readonly state: BucketState | null;
  /** Those of the asked-for send keys that the bucket already holds, with the number each has. */
  readonly sends: ReadonlyMap<string, number>;
}

/** All or nothing: `applied`, or what stood in the way (which may be nothing at all: then read the bucket again). */
export type AppendOutcome = { readonly applied: true } | ({ readonly applied: false } & BucketAnswer);

/**
 * Thrown by `append` when the request may have reached the store and its outcome is not known. The caller must
 * never take this for a failure: it reads the bucket (`consult`) and tries again under the same conditions.
 */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** Thrown by every method when the store certainly did nothing: it cannot be reached, or refused before acting. */
export class StoreUnreachable extends Error {
  override readonly name = 'StoreUnreachable';
}

/**
 * Thrown by every method when the store is known to be away, so that it is not even asked: nobody is left to wait for
 * it, and what they hold is free for others.
 */
export class StoreAway extends StoreUnreachable {}

/** Thrown by `append` when the store did nothing and said that it will not take this batch: a row of it may be why. */
export class BatchRefused extends StoreUnreachable {}

/** Every method settles within the adapter's own deadline (some seconds), by an answer or one of the errors above. */
export interface LogStore<Entry> {
  /** Numbers in a bucket: 4,096 in the product; tests take less. */
  readonly bucketSize: number;

  /** One conditional step, durable on a quorum of the shard before it returns. Throws OutcomeUnknown, StoreUnreachable. */
  append(batch: AppendBatch<Entry>): Promise<AppendOutcome>;

  /**
   * Ends the log at `head`, in one conditional step like an append's and with the same errors: applied only while
   * `head` is its newest number (of a head that ends a bucket, the caller has seen that it is there). No append applies after it, and every answer names the cell `to` (BucketState.sealed).
   * Rows, sends and what is projected stay as they are.
   */
  seal(channel: ChannelKey, head: number, to: string): Promise<AppendOutcome>;

  /**
   * Linearizable read of a bucket's state and of some send keys: completes or rules out appends under way whose
   * numbers it reports (Cassandra: LOCAL_SERIAL). `sendKeys` may be empty.
   */
  consult(ref: BucketRef, sendKeys: readonly string[]): Promise<BucketAnswer>;

  /** States of many buckets at once, in the order asked; sees everything that was acknowledged before the call. */
  states(refs: readonly BucketRef[]): Promise<readonly (BucketState | null)[]>;

  /** The buckets that the tail hints name, in the order asked; null without a hint. They may lag behind. */
  tailHints(channels: readonly ChannelKey[]): Promise<readonly (number | null)[]>;

  /** Notes that every bucket before `bucket` is full; it may have nothing itself yet. Never moves a hint back. */
  hintTail(ref: BucketRef): Promise<void>;

  /**
   * Rows `from`..`to` (both inclusive, 1 or more), ascending; crosses buckets by itself. A number that is missing
   * in the store is missing in the answer. Callers ask for at most 1,000 at once.
   */
  range(channel: ChannelKey, from: number, to: number): Promise<readonly LogRow<Entry>[]>;

  /** Single rows of any channels, in the order asked; null for what is not there. One call, batched by the adapter. */
  rows(
    refs: readonly { readonly channel: ChannelKey; readonly seq: number }[],
  ): Promise<readonly (LogRow<Entry> | null)[]>;
}

/** bucket of a number, from 0. */
export const bucketOf = (seq: number, bucketSize: number): number => Math.floor((seq - 1) / bucketSize);

/** The number that makes a bucket full. */
export const lastOfBucket = (bucket: number, bucketSize: number): number => (bucket + 1) * bucketSize;
