/**
 * The log port on Cassandra. Each method is a fixed kind of request: an append is ONE conditional batch in one
 * partition, agreed at LOCAL_SERIAL and committed at LOCAL_QUORUM; a consultation reads at LOCAL_SERIAL; everything
 * else reads at LOCAL_QUORUM, which sees every commit that was acknowledged.
 */
import { types } from 'cassandra-driver';
import {
  type AppendBatch,
  type AppendOutcome,
  BatchRefused,
  type BucketAnswer,
  type BucketRef,
  type BucketState,
  bucketOf,
  type ChannelKey,
  type LogRow,
  type LogStore,
  OutcomeUnknown,
  StoreUnreachable,
} from '../../chat/log/port.ts';
import type { EntryCodec } from '../entry-codec.ts';
import { appendStatements } from './append-statements.ts';
import { within } from './deadline.ts';
import { inParallel } from './in-parallel.ts';
import { didNothing, isRefusedForItsContent } from './outcome.ts';
import type { LaterColumns } from './projected-columns.ts';
import { answerOf, stateOf } from './refused.ts';
import { RowCodec } from './row-codec.ts';
import type { Session } from './session.ts';
import { type LogStatements, statementsOf } from './statements.ts';
import type { LogName } from './tables.ts';
import { numberOrNull } from './values.ts';

/** Requests of one call under way at a time. */
const AT_ONCE = 64;

/** A bucket that looks empty is read twice; when it was begun in between, once more. */
const CONSULT_ROUNDS = 3;

export class CassandraLogStore<Entry> implements LogStore<Entry> {
  readonly bucketSize: number;
  readonly #session: Session;
  readonly #deadlineMs: number;
  readonly #cql: LogStatements;
  readonly #codec: RowCodec<Entry>;

  constructor(
    session: Session,
    log: LogName,
    codec: EntryCodec<Entry>,
    later: LaterColumns<Entry>,
    options: { keyspace: string; bucketSize: number; deadlineMs: number },
  ) {
    this.bucketSize = options.bucketSize;
    this.#session = session;
    this.#deadlineMs = options.deadlineMs;
    this.#cql = statementsOf(options.keyspace, log, codec.columns, later.names);
    this.#codec = new RowCodec(codec, later);
  }

  async append(batch: AppendBatch<Entry>): Promise<AppendOutcome> {
    const statements = appendStatements(this.#cql, this.#codec, this.bucketSize, batch);
    // Asked before sending: what is under way when the session closes may still be done.
    if (this.#session.isClosed) throw unreachable('closed');
    let result: types.ResultSet;
    try {
      result = await within(this.#deadlineMs, this.#session.conditional(statements));
    } catch (error) {
      if (isRefusedForItsContent(error)) {
        throw new BatchRefused('Cassandra will not take this batch', { cause: error });
      }
      if (didNothing(error)) throw unreachable(error);
      throw new OutcomeUnknown('Cassandra did not say whether the append was applied', { cause: error });
    }
    if (result.wasApplied()) return { applied: true };
    return { applied: false, ...answerOf(result.rows) };
  }

  async seal(channel: ChannelKey, head: number, to: string): Promise<AppendOutcome> {
    const bucket = bucketOf(head + 1, this.bucketSize);
    const ref = [channel.organizationId, channel.channelId, bucket] as const;
    const expected = head % this.bucketSize === 0 ? null : BigInt(head);
    if (this.#session.isClosed) throw unreachable('closed');
    const statement = { query: this.#cql.seal, params: [BigInt(head), to, ...ref, expected] };
    let result: types.ResultSet;
    try {
      result = await within(this.#deadlineMs, this.#session.conditional([statement]));
    } catch (error) {
      if (didNothing(error)) throw unreachable(error);
      throw new OutcomeUnknown('Cassandra did not say whether the log was sealed', { cause: error });
    }
    // A refusal answers with what was compared and nothing else.
    return result.wasApplied()
      ? { applied: true }
      : { applied: false, ...(await this.consult({ channel, bucket }, [])) };
  }

  consult({ channel, bucket }: BucketRef, sendKeys: readonly string[]): Promise<BucketAnswer> {
    const ref = [channel.organizationId, channel.channelId, bucket] as const;
    // The bucket's first row is there as soon as anything is, and brings the statics along: one read, one moment.
    const first = new types.Tuple(BigInt(bucket * this.bucketSize + 1), '');
    const wanted = [first, ...sendKeys.map((key) => new types.Tuple(0n, key))];
    return this.#reading(async () => {
      for (let round = 1; ; round++) {
        const rows = await this.#session.readSerial(this.#cql.consult, [...ref, wanted]);
        if (rows.length > 0) return answerOf(rows);
        // Nothing yet, or sealed before its first row: then there are statics alone.
        const state = stateOf((await this.#session.readSerial(this.#cql.state, [...ref]))[0]);
        if (state === null || state.last < 1 || round === CONSULT_ROUNDS) return { state, sends: new Map() };
      }
    });
  }

  states(refs: readonly BucketRef[]): Promise<readonly (BucketState | null)[]> {
    return this.#reading(() =>
      inParallel(refs, AT_ONCE, async ({ channel, bucket }) => {
        const rows = await this.#session.read(this.#cql.state, [
          channel.organizationId,
          channel.channelId,
          bucket,
        ]);
        return stateOf(rows[0]);
      }),
    );
  }

  tailHints(channels: readonly ChannelKey[]): Promise<readonly (number | null)[]> {
    return this.#reading(() =>
      inParallel(channels, AT_ONCE, async ({ organizationId, channelId }) => {
        const rows = await this.#session.read(this.#cql.tail, [organizationId, channelId]);
        return numberOrNull(rows[0]?.bucket);
      }),
    );
  }

  hintTail({ channel, bucket }: BucketRef): Promise<void> {
    // The bucket is its own timestamp: the greatest wins, in whatever order hints arrive.
    const params = [channel.organizationId, channel.channelId, bucket, BigInt(bucket + 1)];
    return this.#reading(() => this.#session.write(this.#cql.hintTail, params));
  }

  range(channel: ChannelKey, from: number, to: number): Promise<readonly LogRow<Entry>[]> {
    const first = Math.max(from, 1);
    if (to < first) return Promise.resolve([]);
    const oldest = bucketOf(first, this.bucketSize);
    const buckets = Array.from({ length: bucketOf(to, this.bucketSize) - oldest + 1 }, (_, i) => oldest + i);
    return this.#reading(async () => {
      const parts = await inParallel(buckets, AT_ONCE, async (bucket) => {
        const ref = [channel.organizationId, channel.channelId, bucket];
        const rows = await this.#session.read(this.#cql.range, [...ref, BigInt(first), BigInt(to)]);
        // They lie newest first, which is the cheaper way to read them.
        return rows.map((row) => this.#codec.decode(row)).reverse();
      });
      return parts.flat().filter((row) => row !== null);
    });
  }

  rows(
    refs: readonly { readonly channel: ChannelKey; readonly seq: number }[],
  ): Promise<readonly (LogRow<Entry> | null)[]> {
    const keyOf = (channel: ChannelKey, bucket: number) =>
      JSON.stringify([channel.organizationId, channel.channelId, bucket]);
    // One request for each bucket, whatever the number of rows asked of it.
    const buckets = new Map<string, { ref: [string, string, number]; seqs: Set<number> }>();
    for (const { channel, seq } of refs) {
      const bucket = bucketOf(seq, this.bucketSize);
      const key = keyOf(channel, bucket);
      const asked = buckets.get(key) ?? {
        ref: [channel.organizationId, channel.channelId, bucket],
        seqs: new Set(),
      };
      buckets.set(key, asked);
      asked.seqs.add(seq);
    }
    return this.#reading(async () => {
      const found = new Map<string, Map<number, LogRow<Entry>>>();
      await inParallel([...buckets], AT_ONCE, async ([key, { ref, seqs }]) => {
        const rows = await this.#session.read(this.#cql.rows, [...ref, Array.from(seqs, BigInt)]);
        const decoded = rows.map((row) => this.#codec.decode(row)).filter((row) => row !== null);
        found.set(key, new Map(decoded.map((row) => [row.seq, row])));
      });
      return refs.map(
        ({ channel, seq }) => found.get(keyOf(channel, bucketOf(seq, this.bucketSize)))?.get(seq) ?? null,
      );
    });
  }

  /** What reads, or writes what may be repeated at will, has no unknown outcome: it failed. */
  async #reading<Result>(request: () => Promise<Result>): Promise<Result> {
    try {
      return await within(this.#deadlineMs, request());
    } catch (error) {
      throw unreachable(error);
    }
  }
}

const unreachable = (cause: unknown): StoreUnreachable =>
  new StoreUnreachable('Cassandra did not answer', { cause });
