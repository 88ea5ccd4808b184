/**
 * The tables of a cell, and the steps by which an older keyspace becomes one of this version. Each log has two:
 *
 * `messages`, `changes`: one partition is one bucket of one channel. It holds its statics (`last`, the newest number,
 * and `last_at`; `sealed_*` once the log has moved away), the numbered rows (seq 1 and up, send_key empty) and the
 * send rows (seq 0, one for each send_key, with the number it got).
 * `messages_tail`, `changes_tail`: each channel's newest bucket, a hint.
 *
 * What later changes make of a message (edited text, deletion, reactions, pin, thread) are further columns of its
 * row, written with timestamps of their own; an append names only the columns of its entry's codec, so it cannot
 * shadow them. Beside them:
 * `reactors`: who reacted to a message with an emoji, by the rev at which they did; `reacted`: the same by person, for
 * one bucket of messages in a partition; `pins`: numbers of pinned messages.
 */
import { type Column, changeCodec, messageCodec } from '../entry-codec.ts';

export type LogName = 'messages' | 'changes';

const cqlType = { text: 'text', int: 'bigint' } as const;

const columnsOf = (columns: readonly Column[]): string =>
  columns.map((column) => `${column.name} ${cqlType[column.type]}`).join(', ');

// Unified compaction, never time windows: projections will carry small timestamps, as if written long ago.
const compaction = `compaction = {'class': 'UnifiedCompactionStrategy'}`;

/** `columns` is frozen with the step that uses it: a codec's further columns are added by a further step. */
const logTables = (keyspace: string, log: LogName, columns: string): readonly string[] => [
  `CREATE TABLE IF NOT EXISTS ${keyspace}.${log} (
     organization_id text, channel_id text, bucket int, seq bigint, send_key text,
     last bigint STATIC, last_at timestamp STATIC, sealed_at bigint STATIC, sealed_to text STATIC,
     sent_seq bigint,
     sent_as text, created_at timestamp, ${columns},
     PRIMARY KEY ((organization_id, channel_id, bucket), seq, send_key)
   ) WITH CLUSTERING ORDER BY (seq DESC, send_key ASC) AND ${compaction}`,
  `CREATE TABLE IF NOT EXISTS ${keyspace}.${log}_tail (
     organization_id text, channel_id text, bucket int,
     PRIMARY KEY ((organization_id, channel_id))
   ) WITH ${compaction}`,
];

/**
 * One partition: what was decided once about the cell (its home datacenter, the size of a bucket, its name), and one
 * row for each step applied.
 */
export const versionTable = (keyspace: string): string =>
  `CREATE TABLE IF NOT EXISTS ${keyspace}.schema_version (
     cell text, version int,
     home_datacenter text STATIC, bucket_size int STATIC,
     applied_at timestamp,
     PRIMARY KEY (cell, version)
   ) WITH ${compaction}`;

export interface SchemaStep {
  readonly version: number;
  readonly what: string;
  /** Each statement can be repeated without harm. */
  statements(keyspace: string): readonly string[];
}

/** Frozen once released. */
export const schemaSteps: readonly SchemaStep[] = [
  {
    version: 1,
    what: 'messages, changes and their tails',
    statements: (keyspace) => [
      ...logTables(
        keyspace,
        'messages',
        'author_id text, client_message_id text, text text, metadata text, mentions text, extra text',
      ),
      ...logTables(keyspace, 'changes', 'kind text, head bigint, actor_id text, user_id text, extra text'),
    ],
  },
  {
    version: 2,
    what: 'what changes make of messages',
    statements: (keyspace) => [
      `ALTER TABLE ${keyspace}.messages ADD IF NOT EXISTS (
         changed_rev bigint, edited text, deleted_at timestamp, pinned_at timestamp, thread_id text,
         reactions map<text, text>)`,
      `ALTER TABLE ${keyspace}.changes ADD IF NOT EXISTS (content text, projected bigint STATIC)`,
      `CREATE TABLE IF NOT EXISTS ${keyspace}.reactors (
         organization_id text, channel_id text, seq bigint, emoji text, rev bigint, user_id text,
         PRIMARY KEY ((organization_id, channel_id, seq, emoji), rev)
       ) WITH ${compaction}`,
      `CREATE TABLE IF NOT EXISTS ${keyspace}.reacted (
         organization_id text, channel_id text, user_id text, bucket int, seq bigint, emoji text, rev bigint,
         PRIMARY KEY ((organization_id, channel_id, user_id, bucket), seq, emoji)
       ) WITH ${compaction}`,
      `CREATE TABLE IF NOT EXISTS ${keyspace}.pins (
         organization_id text, channel_id text, seq bigint,
         PRIMARY KEY ((organization_id, channel_id), seq)
       ) WITH ${compaction}`,
    ],
  },
  {
    version: 3,
    what: 'the name of the cell',
    statements: (keyspace) => [`ALTER TABLE ${keyspace}.schema_version ADD IF NOT EXISTS name text STATIC`],
  },
];

export const SCHEMA_VERSION = schemaSteps.at(-1)?.version ?? 0;

/** What a keyspace at the newest step must have for each codec; a test holds the steps to it. */
export const codecColumns: Readonly<Record<LogName, string>> = {
  messages: columnsOf(messageCodec.columns),
  changes: columnsOf(changeCodec.columns),
};
