/**
 * The port of projections on Cassandra. Writes carry timestamps made of epoch and rev, so that they commute and may be
 * repeated at will; what was sent is erased by deletes just above the time at which the append wrote it. Each call is
 * durable on a quorum when it returns.
 */
import { types } from 'cassandra-driver';
import type { ProjectionStore, ReactionRef } from '../../chat/changes/port.ts';
import type { ChangeEntry } from '../../chat/log/entries.ts';
import { bucketOf, type ChannelKey, type LogRow, StoreUnreachable } from '../../chat/log/port.ts';
import { messageChanges } from '../projected-entry.ts';
import { within } from './deadline.ts';
import { inParallel } from './in-parallel.ts';
import { timestamps, type Write, Writes } from './projecting.ts';
import { ProjectionReads } from './projection-reads.ts';
import { type ProjectionStatements, projectionStatements } from './projection-statements.ts';
import type { Session } from './session.ts';
import { numberOrNull, textOrNull } from './values.ts';

/** Requests of one call under way at a time. */
const AT_ONCE = 64;

export interface ProjectionStoreOptions {
  readonly keyspace: string;
  readonly bucketSize: number;
  readonly deadlineMs: number;
  /** Of the cell's numbering; asked at each write. */
  readonly epoch: () => number;
}

export class CassandraProjectionStore implements ProjectionStore {
  readonly #session: Session;
  readonly #options: ProjectionStoreOptions;
  readonly #cql: ProjectionStatements;
  readonly #reads: ProjectionReads;

  constructor(session: Session, options: ProjectionStoreOptions) {
    this.#session = session;
    this.#options = options;
    this.#cql = projectionStatements(options.keyspace);
    this.#reads = new ProjectionReads(session, this.#cql, options.bucketSize);
  }

  project(channel: ChannelKey, rows: readonly LogRow<ChangeEntry>[]): Promise<void> {
    const changes = messageChanges(rows);
    return this.#settling(async () => {
      const said = await this.#reads.said(channel, changes);
      const deleted = new Set(changes.flatMap(({ entry }) => (entry.kind === 'DELETED' ? [entry.seq] : [])));
      const isDeleted = (seq: number) => deleted.has(seq) || said.get(seq)?.isDeleted === true;
      const writes = new Writes(this.#cql, channel, said, {
        timestamps: timestamps(this.#options.epoch()),
        bucketSize: this.#options.bucketSize,
      });
      await this.#write(changes.flatMap((change) => writes.of(change, isDeleted(change.entry.seq))));
      const unpinned = await this.#reads.unpinned(channel, changes);
      await this.#write(unpinned.map((change) => writes.unpin(change)));
      const late = changes.filter(({ entry }) => entry.kind === 'EDITED' && isDeleted(entry.seq));
      await this.#eraseEdits(
        channel,
        late.map(({ seq: rev }) => rev),
      );
    });
  }

  eraseEdits(channel: ChannelKey, revs: readonly number[]): Promise<void> {
    return this.#settling(() => this.#eraseEdits(channel, revs));
  }

  noteProjected(channel: ChannelKey, rev: number): Promise<void> {
    const timestamp = timestamps(this.#options.epoch()).of(rev);
    const params = [timestamp, BigInt(rev), ...this.#bucket(channel, this.#bucketOf(rev))];
    return this.#settling(() => this.#session.write(this.#cql.noteProjected, params));
  }

  reactionRevs(
    refs: readonly (ReactionRef & { readonly userId: string })[],
  ): Promise<readonly (number | null)[]> {
    const { bucketSize } = this.#options;
    const partition = ({ channel, seq, userId }: (typeof refs)[number]) =>
      JSON.stringify([channel.organizationId, channel.channelId, userId, bucketOf(seq, bucketSize)]);
    const place = (seq: number | null, emoji: string | null) => `${seq} ${emoji}`;
    return this.#settling(async () => {
      const found = new Map<string, Map<string, number>>();
      await inParallel([...Map.groupBy(refs, partition)], AT_ONCE, async ([name, asked]) => {
        const places = new Map(asked.map(({ seq, emoji }) => [place(seq, emoji), { seq, emoji }]));
        const tuples = Array.from(places.values(), ({ seq, emoji }) => new types.Tuple(BigInt(seq), emoji));
        const rows = await this.#session.read(this.#cql.reactionRevs, [...JSON.parse(name), tuples]);
        const revs = rows.flatMap((row): [string, number][] => {
          const rev = numberOrNull(row.rev);
          return rev === null ? [] : [[place(numberOrNull(row.seq), textOrNull(row.emoji)), rev]];
        });
        found.set(name, new Map(revs));
      });
      return refs.map((ref) => found.get(partition(ref))?.get(place(ref.seq, ref.emoji)) ?? null);
    });
  }

  reactors(
    refs: readonly (ReactionRef & { readonly since?: number })[],
    first: number,
  ): Promise<readonly (readonly string[])[]> {
    if (first <= 0) return Promise.resolve(refs.map(() => []));
    return this.#settling(() =>
      inParallel(refs, AT_ONCE, async ({ channel, seq, emoji, since = 0 }) => {
        // From the first who is there: those before, who took it back, need not be read over.
        const ref = [channel.organizationId, channel.channelId, BigInt(seq), emoji, BigInt(since)];
        const rows = await this.#session.read(this.#cql.reactors, [...ref, first]);
        return rows.map((row) => textOrNull(row.user_id)).filter((userId) => userId !== null);
      }),
    );
  }

  pins(
    { organizationId, channelId }: ChannelKey,
    { after, before, limit, backward }: Parameters<ProjectionStore['pins']>[1],
  ): Promise<readonly number[]> {
    if (limit <= 0 || before - after <= 1) return Promise.resolve([]);
    const query = backward ? this.#cql.pinsDown : this.#cql.pinsUp;
    const params = [organizationId, channelId, BigInt(after), BigInt(before), limit];
    return this.#settling(async () => {
      const rows = await this.#session.read(query, params);
      const seqs = rows.map((row) => numberOrNull(row.seq)).filter((seq) => seq !== null);
      return backward ? seqs.reverse() : seqs;
    });
  }

  async #eraseEdits(channel: ChannelKey, revs: readonly number[]): Promise<void> {
    const buckets = Map.groupBy(new Set(revs), (rev) => this.#bucketOf(rev));
    await inParallel([...buckets], AT_ONCE, async ([bucket, revs]) => {
      const ref = this.#bucket(channel, bucket);
      const rows = await this.#session.readSerial(this.#cql.edits, [...ref, revs.map(BigInt)]);
      const erasures = rows.flatMap((row) => {
        const [rev, at] = [numberOrNull(row.seq), numberOrNull(row.content_at)];
        if (rev === null || at === null) return [];
        return [{ query: this.#cql.eraseEdit, params: [BigInt(at) + 1n, ...ref, BigInt(rev)] }];
      });
      await this.#session.writeAll(erasures);
    });
  }

  async #write(writes: readonly Write[]): Promise<void> {
    const partitions = [...Map.groupBy(writes, ({ partition }) => partition).values()];
    await inParallel(partitions, AT_ONCE, (statements) => this.#session.writeAll(statements));
  }

  #bucketOf(seq: number): number {
    return bucketOf(seq, this.#options.bucketSize);
  }

  #bucket({ organizationId, channelId }: ChannelKey, bucket: number): readonly [string, string, number] {
    return [organizationId, channelId, bucket];
  }

  /** What may be repeated at will has no unknown outcome: it failed. */
  async #settling<Result>(request: () => Promise<Result>): Promise<Result> {
    try {
      return await within(this.#options.deadlineMs, request());
    } catch (error) {
      throw new StoreUnreachable('Cassandra did not answer', { cause: error });
    }
  }
}
