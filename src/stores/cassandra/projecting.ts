/** What each change writes, as statements with the partition they belong to. Pure: nothing is asked of the store. */
import { bucketOf, type ChannelKey } from '../../chat/log/port.ts';
import type { MessageChange } from '../projected-entry.ts';
import { type ProjectionStatements, SAID } from './projection-statements.ts';
import type { Statement } from './session.ts';
import { numberOrNull, type Row } from './values.ts';

/** A statement, and the name of its partition: those of one go together. */
export interface Write extends Statement {
  readonly partition: string;
}

/** Revs of one epoch; the next epoch's outrank all of them. */
const EPOCH = 2n ** 40n;

/** Timestamps of what is projected in one epoch. */
export interface Timestamps {
  of(rev: number): bigint;
  /** Outranks every rev of the epoch: for what must never come back. */
  readonly forGood: bigint;
}

export const timestamps = (epoch: number): Timestamps => ({
  of: (rev) => BigInt(epoch) * EPOCH + BigInt(rev),
  forGood: (BigInt(epoch) + 1n) * EPOCH - 1n,
});

/** What a message's row says before it is written to. */
export interface Said {
  readonly isDeleted: boolean;
  /** Microseconds at which each part of what was sent was written; null for what is not there. */
  readonly writtenAt: Readonly<Record<(typeof SAID)[number], number | null>>;
}

export function saidOf(row: Row): Said {
  const at = (column: string) => numberOrNull(row[`${column}_at`]);
  return {
    isDeleted: numberOrNull(row.deleted_at) !== null,
    writtenAt: { text: at('text'), metadata: at('metadata'), mentions: at('mentions'), extra: at('extra') },
  };
}

export class Writes {
  readonly #cql: ProjectionStatements;
  readonly #timestamps: Timestamps;
  readonly #bucketSize: number;
  readonly #channel: readonly [organizationId: string, channelId: string];
  readonly #said: ReadonlyMap<number, Said>;

  /** @param said rows of the messages that are edited or deleted, by number. */
  constructor(
    cql: ProjectionStatements,
    { organizationId, channelId }: ChannelKey,
    said: ReadonlyMap<number, Said>,
    options: { readonly timestamps: Timestamps; readonly bucketSize: number },
  ) {
    this.#cql = cql;
    this.#channel = [organizationId, channelId];
    this.#said = said;
    this.#timestamps = options.timestamps;
    this.#bucketSize = options.bucketSize;
  }

  /** @param isDeleted whether the message is deleted, by this batch or before. */
  of(change: MessageChange, isDeleted: boolean): readonly Write[] {
    const { seq: rev, at, entry } = change;
    const { content, emoji, userId, threadId, addedRev } = entry;
    switch (entry.kind) {
      case 'EDITED':
        if (isDeleted || content === undefined) return [this.#message(change, this.#cql.changed, [])];
        return [this.#message(change, this.#cql.edited, [JSON.stringify({ ...content, at, rev })])];
      case 'DELETED':
        return [this.#message(change, this.#cql.deleted, [new Date(at)]), ...this.#erase(change)];
      case 'PINNED':
        return [
          this.#message(change, this.#cql.pinned, [new Date(at)]),
          {
            partition: 'pins',
            query: this.#cql.addPin,
            params: [...this.#channel, BigInt(entry.seq), this.#timestamps.of(rev)],
          },
        ];
      case 'UNPINNED':
        return [this.#message(change, this.#cql.pinned, [null]), this.unpin(change)];
      case 'THREAD_OPENED':
        if (threadId === undefined) return [this.#message(change, this.#cql.changed, [])];
        return [this.#message(change, this.#cql.threadOpened, [threadId])];
      case 'REACTION_ADDED':
      case 'REACTION_REMOVED': {
        if (emoji === undefined) return [this.#message(change, this.#cql.changed, [])];
        const reaction = entry.reaction == null ? null : JSON.stringify(entry.reaction);
        return [
          this.#message(change, this.#cql.reacted, [emoji, reaction]),
          ...(userId === null ? [] : this.#reacted(change, emoji, userId)),
          ...(userId === null ? [] : this.#reactor(change, emoji, userId, addedRev)),
        ];
      }
    }
  }

  unpin({ seq: rev, entry }: MessageChange): Write {
    const params = [this.#timestamps.of(rev), ...this.#channel, BigInt(entry.seq)];
    return { partition: 'pins', query: this.#cql.removePin, params };
  }

  #message({ seq: rev, entry }: MessageChange, query: string, part: readonly unknown[]): Write {
    const params = [this.#timestamps.of(rev), BigInt(rev), ...part, ...this.#ref(entry.seq)];
    return { partition: this.#partition(entry.seq), query, params };
  }

  /** What was sent was written by the append, at its own time; what was edited, by revs of this epoch or before. */
  #erase({ entry: { seq } }: MessageChange): readonly Write[] {
    const partition = this.#partition(seq);
    const writtenAt = this.#said.get(seq)?.writtenAt;
    const sent = SAID.flatMap((column): Write[] => {
      const at = writtenAt?.[column] ?? null;
      if (at === null) return [];
      return [
        { partition, query: this.#cql.eraseSaid[column], params: [BigInt(at) + 1n, ...this.#ref(seq)] },
      ];
    });
    const edited = [this.#timestamps.forGood, ...this.#ref(seq)];
    return [...sent, { partition, query: this.#cql.eraseEdited, params: edited }];
  }

  #reacted(
    { seq: rev, entry: { kind, seq } }: MessageChange,
    emoji: string,
    userId: string,
  ): readonly Write[] {
    const bucket = bucketOf(seq, this.#bucketSize);
    const ref = [...this.#channel, userId, bucket, BigInt(seq), emoji];
    const partition = JSON.stringify(['reacted', userId, bucket]);
    const timestamp = this.#timestamps.of(rev);
    return kind === 'REACTION_ADDED'
      ? [{ partition, query: this.#cql.addReacted, params: [...ref, BigInt(rev), timestamp] }]
      : [{ partition, query: this.#cql.removeReacted, params: [timestamp, ...ref] }];
  }

  #reactor(
    { seq: rev, entry: { kind, seq } }: MessageChange,
    emoji: string,
    userId: string,
    addedRev: number | undefined,
  ): readonly Write[] {
    const ref = [...this.#channel, BigInt(seq), emoji];
    const partition = JSON.stringify(['reactors', seq, emoji]);
    const timestamp = this.#timestamps.of(rev);
    if (kind === 'REACTION_ADDED') {
      return [{ partition, query: this.#cql.addReactor, params: [...ref, BigInt(rev), userId, timestamp] }];
    }
    if (addedRev === undefined) return [];
    return [{ partition, query: this.#cql.removeReactor, params: [timestamp, ...ref, BigInt(addedRev)] }];
  }

  #ref(seq: number): readonly unknown[] {
    return [...this.#channel, bucketOf(seq, this.#bucketSize), BigInt(seq)];
  }

  #partition(seq: number): string {
    return `messages ${bucketOf(seq, this.#bucketSize)}`;
  }
}
