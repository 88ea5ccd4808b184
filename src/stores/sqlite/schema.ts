/**
 * The tables of both logs, and the steps by which a file made by an older version becomes one of this version.
 * Appending names its columns, so that what later changes make of a row (`projection`) lies beside without it.
 */
import type { DatabaseSync } from 'node:sqlite';

/** Steps are frozen once released: each is what brings a file from its index to the next. */
export const steps: readonly string[] = [
  `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;

  CREATE TABLE messages (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, seq INTEGER NOT NULL,
    at INTEGER NOT NULL, send_key TEXT NOT NULL,
    author_id TEXT NOT NULL, client_message_id TEXT NOT NULL, text TEXT NOT NULL,
    metadata TEXT, mentions TEXT, extra TEXT,
    PRIMARY KEY (organization_id, channel_id, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE changes (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, seq INTEGER NOT NULL,
    at INTEGER NOT NULL, send_key TEXT NOT NULL,
    kind TEXT NOT NULL, head INTEGER NOT NULL, actor_id TEXT NOT NULL, user_id TEXT, extra TEXT,
    PRIMARY KEY (organization_id, channel_id, seq)
  ) STRICT, WITHOUT ROWID;
  ` +
    ['messages', 'changes']
      .map(
        (log) => `
  CREATE TABLE ${log}_buckets (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    last INTEGER NOT NULL, last_at INTEGER NOT NULL,
    PRIMARY KEY (organization_id, channel_id, bucket)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE ${log}_sends (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    send_key TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (organization_id, channel_id, bucket, send_key)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE ${log}_tails (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    PRIMARY KEY (organization_id, channel_id)
  ) STRICT, WITHOUT ROWID;
  `,
      )
      .join(''),

  // What later changes make of messages. `projection` is JSON, see projection.ts; null while nothing changed it.
  // Reactions that were taken back are kept as such: an older rev that is projected again must find the newer one.
  `
  ALTER TABLE messages ADD COLUMN projection TEXT;
  ALTER TABLE changes ADD COLUMN content TEXT;

  CREATE TABLE reaction_summaries (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, seq INTEGER NOT NULL, emoji TEXT NOT NULL,
    rev INTEGER NOT NULL, summary TEXT,
    PRIMARY KEY (organization_id, channel_id, seq, emoji)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE reactions (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, seq INTEGER NOT NULL, emoji TEXT NOT NULL,
    user_id TEXT NOT NULL, rev INTEGER NOT NULL, is_given INTEGER NOT NULL,
    PRIMARY KEY (organization_id, channel_id, seq, emoji, user_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX reactors ON reactions (organization_id, channel_id, seq, emoji, rev) WHERE is_given = 1;

  CREATE TABLE pins (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (organization_id, channel_id, seq)
  ) STRICT, WITHOUT ROWID;
  ` +
    ['messages', 'changes']
      .map(
        (log) => `
  ALTER TABLE ${log}_buckets ADD COLUMN projected INTEGER;
  ALTER TABLE ${log}_buckets ADD COLUMN sealed_at INTEGER;
  ALTER TABLE ${log}_buckets ADD COLUMN sealed_to TEXT;
  `,
      )
      .join(''),

  // Send keys as storedSendKey has them. In a table of its own, so that no two keys meet on the way. By bytes: a NUL
  // ends what SQLite takes for text.
  ['messages', 'changes']
    .map(
      (log) => `
  CREATE TABLE ${log}_sends_new (
    organization_id TEXT NOT NULL, channel_id TEXT NOT NULL, bucket INTEGER NOT NULL,
    send_key TEXT NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (organization_id, channel_id, bucket, send_key)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO ${log}_sends_new
    SELECT organization_id, channel_id, bucket,
      iif(slash = 0, send_key, CAST(substr(bytes, slash + 1) || X'2F' || substr(bytes, 1, slash - 1) AS TEXT)), seq
    FROM (SELECT *, CAST(send_key AS BLOB) AS bytes, instr(CAST(send_key AS BLOB), X'2F') AS slash FROM ${log}_sends)
    ORDER BY 1, 2, 3, 4;
  DROP TABLE ${log}_sends;
  ALTER TABLE ${log}_sends_new RENAME TO ${log}_sends;
  `,
    )
    .join(''),
];

/** Brings the file to this version and checks that it was made for this bucket size. */
export function prepareSchema(db: DatabaseSync, bucketSize: number): void {
  // Also when there is nothing to do: the lock keeps two processes from preparing one file side by side.
  db.exec('BEGIN IMMEDIATE');
  try {
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
    if (version > steps.length) {
      throw new Error(
        `The embedded message store was written by a newer version of Backscroll (schema ${version}, this is ${steps.length}).`,
      );
    }
    for (const step of steps.slice(version)) db.exec(step);
    db.exec(`PRAGMA user_version = ${steps.length}`);

    db.prepare(`INSERT OR IGNORE INTO settings VALUES ('bucket_size', ?)`).run(bucketSize);
    const made = db.prepare(`SELECT value FROM settings WHERE name = 'bucket_size'`).get()?.value;
    if (made !== bucketSize) {
      throw new Error(
        `The embedded message store has ${made} numbers in a bucket, not ${bucketSize}: this never changes.`,
      );
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
}
