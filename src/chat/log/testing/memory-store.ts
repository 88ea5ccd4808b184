/**
 * A model of the store: what the port says, in a few lines and in memory. It can be sealed, made to forget, and
 * made to leave out one of its own conditions, to show that the tests of the log would notice.
 */
import type {
  AppendBatch,
  BucketAnswer,
  BucketRef,
  BucketState,
  ChannelKey,
  LogRow,
  LogStore,
} from '../port.ts';
import { bucketOf } from '../port.ts';

interface Bucket<Entry> {
  state: BucketState | null;
  readonly sends: Map<string, number>;
  readonly rows: Map<number, LogRow<Entry>>;
}

export type LeftOut = 'nothing' | 'the last number' | 'the send keys';

export class MemoryStore<Entry> implements LogStore<Entry> {
  readonly bucketSize: number;
  readonly #leftOut: LeftOut;
  readonly #buckets = new Map<string, Bucket<Entry>>();
  readonly #hints = new Map<string, number>();

  constructor(bucketSize: number, leftOut: LeftOut = 'nothing') {
    this.bucketSize = bucketSize;
    this.#leftOut = leftOut;
  }

  async append(batch: AppendBatch<Entry>) {
    const bucket = this.#bucket(batch);
    const answer = this.#answer(
      bucket,
      batch.rows.map((row) => row.sendKey),
    );
    const isExpected =
      this.#leftOut === 'the last number' || (bucket.state?.last ?? null) === batch.expectedLast;
    const isNew = this.#leftOut === 'the send keys' || answer.sends.size === 0;
    if (!isExpected || !isNew) return { applied: false as const, ...answer };
    for (const row of batch.rows) {
      bucket.rows.set(row.seq, row);
      bucket.sends.set(row.sendKey, row.seq);
      bucket.state = { last: row.seq, lastAt: row.at };
    }
    return { applied: true as const };
  }

  async consult(ref: BucketRef, sendKeys: readonly string[]) {
    return this.#answer(this.#bucket(ref), sendKeys);
  }

  async states(refs: readonly BucketRef[]) {
    return refs.map((ref) => this.#bucket(ref).state);
  }

  async tailHints(channels: readonly ChannelKey[]) {
    return channels.map((channel) => this.#hints.get(name(channel)) ?? null);
  }

  async hintTail({ channel, bucket }: BucketRef) {
    this.#hints.set(name(channel), Math.max(bucket, this.#hints.get(name(channel)) ?? 0));
  }

  async range(channel: ChannelKey, from: number, to: number) {
    const rows: LogRow<Entry>[] = [];
    for (let seq = from; seq <= to; seq++) {
      const row = this.#row(channel, seq);
      if (row !== null) rows.push(row);
    }
    return rows;
  }

  async rows(refs: readonly { readonly channel: ChannelKey; readonly seq: number }[]) {
    return refs.map(({ channel, seq }) => this.#row(channel, seq));
  }

  /** Ends the log at `head`: the bucket of the next number takes no append any more. */
  seal(channel: ChannelKey, head: number): void {
    const bucket = this.#bucket({ channel, bucket: bucketOf(head + 1, this.bucketSize) });
    bucket.state = { last: -1, lastAt: bucket.state?.lastAt ?? 0 };
  }

  /** Forgets everything, as a restore from an empty backup would. */
  clear(): void {
    this.#buckets.clear();
    this.#hints.clear();
  }

  #bucket({ channel, bucket }: BucketRef): Bucket<Entry> {
    const key = `${name(channel)}/${bucket}`;
    const found = this.#buckets.get(key) ?? { state: null, sends: new Map(), rows: new Map() };
    this.#buckets.set(key, found);
    return found;
  }

  #answer({ state, sends }: Bucket<Entry>, sendKeys: readonly string[]): BucketAnswer {
    const known = sendKeys.flatMap((key): [string, number][] => {
      const seq = sends.get(key);
      return seq === undefined ? [] : [[key, seq]];
    });
    return { state, sends: new Map(known) };
  }

  #row(channel: ChannelKey, seq: number): LogRow<Entry> | null {
    return this.#bucket({ channel, bucket: bucketOf(seq, this.bucketSize) }).rows.get(seq) ?? null;
  }
}

const name = ({ organizationId, channelId }: ChannelKey) => `${organizationId}/${channelId}`;
