/**
 * A model of the store: what the port says, in a few lines and in memory. It can be sealed, made to forget, and
 * made to leave out one of its own conditions, to show that the tests of the log would notice.
 */
import type {
  AppendBatch,
  AppendOutcome,
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
  /** What `noteProjected` noted, if anything. */
  projected: number;
  readonly sends: Map<string, number>;
  readonly rows: Map<number, LogRow<Entry>>;
}

export type LeftOut = 'nothing' | 'the last number' | 'the send keys';

export class MemoryStore<Entry> implements LogStore<Entry> {
  readonly bucketSize: number;
  readonly #leftOut: LeftOut;
  readonly #buckets = new Map<string, Bucket<Entry>>();
  readonly #hints = new Map<string, number>();
  /** How a row is given out: with what later changes made of it. */
  shown: (channel: ChannelKey, row: LogRow<Entry>) => LogRow<Entry> = (_, row) => row;

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

  async seal(channel: ChannelKey, head: number, to: string): Promise<AppendOutcome> {
    const bucket = this.#bucket({ channel, bucket: bucketOf(head + 1, this.bucketSize) });
    const expected = head % this.bucketSize === 0 ? null : head;
    if ((bucket.state?.last ?? null) !== expected) return { applied: false, ...this.#answer(bucket, []) };
    bucket.state = { last: -1, lastAt: bucket.state?.lastAt ?? 0, sealed: { at: head, to } };
    return { applied: true };
  }

  async consult(ref: BucketRef, sendKeys: readonly string[]) {
    return this.#answer(this.#bucket(ref), sendKeys);
  }

  async states(refs: readonly BucketRef[]) {
    return refs.map((ref) => stateOf(this.#bucket(ref)));
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

  /** Puts another entry in a row's place; nothing where there is no row. */
  rewrite(channel: ChannelKey, seq: number, change: (entry: Entry) => Entry): void {
    const { rows } = this.#bucket({ channel, bucket: bucketOf(seq, this.bucketSize) });
    const row = rows.get(seq);
    if (row !== undefined) rows.set(seq, { ...row, entry: change(row.entry) });
  }

  noteProjected(channel: ChannelKey, rev: number): void {
    const bucket = this.#bucket({ channel, bucket: bucketOf(rev, this.bucketSize) });
    bucket.projected = Math.max(bucket.projected, rev);
  }

  /** All that is kept, as it is kept. */
  dump(): unknown {
    return [...this.#buckets].map(([key, { rows, sends }]) => [key, [...rows.values()], [...sends]]);
  }

  /** Forgets everything, as a restore from an empty backup would. */
  clear(): void {
    this.#buckets.clear();
    this.#hints.clear();
  }

  #bucket({ channel, bucket }: BucketRef): Bucket<Entry> {
    const key = `${name(channel)}/${bucket}`;
    const found = this.#buckets.get(key) ?? { state: null, projected: 0, sends: new Map(), rows: new Map() };
    this.#buckets.set(key, found);
    return found;
  }

  #answer(bucket: Bucket<Entry>, sendKeys: readonly string[]): BucketAnswer {
    const known = sendKeys.flatMap((key): [string, number][] => {
      const seq = bucket.sends.get(key);
      return seq === undefined ? [] : [[key, seq]];
    });
    return { state: stateOf(bucket), sends: new Map(known) };
  }

  #row(channel: ChannelKey, seq: number): LogRow<Entry> | null {
    const row = this.#bucket({ channel, bucket: bucketOf(seq, this.bucketSize) }).rows.get(seq);
    return row === undefined ? null : this.shown(channel, row);
  }
}

const stateOf = ({ state, projected }: Bucket<unknown>): BucketState | null =>
  state === null || projected === 0 ? state : { ...state, projected };

const name = ({ organizationId, channelId }: ChannelKey) => `${organizationId}/${channelId}`;
