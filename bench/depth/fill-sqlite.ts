/** Loads a deep channel straight into the tables of the embedded store, a bucket at a time, from where it ended before. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { messageCodec } from '../../src/stores/entry-codec.ts';
import { prepareSchema } from '../../src/stores/sqlite/schema.ts';
import { storedSendKey } from '../../src/stores/sqlite/stored-send-key.ts';
import { BUCKET_SIZE, channel, rowOf, timeOf } from './row.ts';

export async function fillSqlite(
  dataDir: string,
  messages: number,
  signal: AbortSignal,
  onFilled: (seq: number) => void,
): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  const db = new DatabaseSync(join(dataDir, 'messages.sqlite'));
  try {
    // Nothing here was acknowledged to anybody: a fill that is cut off is filled on.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;');
    prepareSchema(db, BUCKET_SIZE);
    const names = messageCodec.columns.map(({ name }) => name);
    const addRow = db.prepare(
      `INSERT INTO messages (organization_id, channel_id, seq, at, send_key, ${names.join(', ')})
       VALUES (?, ?, ?, ?, ?, ${names.map(() => '?').join(', ')})`,
    );
    const addSend = db.prepare(
      'INSERT INTO messages_sends (organization_id, channel_id, bucket, send_key, seq) VALUES (?, ?, ?, ?, ?)',
    );
    const setState = db.prepare(
      'INSERT INTO messages_buckets (organization_id, channel_id, bucket, last, last_at) VALUES (?, ?, ?, ?, ?)',
    );
    const setTail = db.prepare('INSERT OR REPLACE INTO messages_tails VALUES (?, ?, ?)');
    const key = [channel.organizationId, channel.channelId] as const;
    const filled = db
      .prepare(
        'SELECT max(bucket) AS bucket FROM messages_buckets WHERE organization_id = ? AND channel_id = ?',
      )
      .get(...key)?.bucket;
    for (
      let bucket = typeof filled === 'number' ? filled + 1 : 0;
      bucket * BUCKET_SIZE < messages;
      bucket++
    ) {
      signal.throwIfAborted();
      const last = Math.min(messages, (bucket + 1) * BUCKET_SIZE);
      db.exec('BEGIN');
      for (let seq = bucket * BUCKET_SIZE + 1; seq <= last; seq++) {
        const row = rowOf(seq);
        addRow.run(...key, seq, row.at, row.sendKey, ...messageCodec.encode(row.entry));
        addSend.run(...key, bucket, storedSendKey(row.sendKey), seq);
      }
      setState.run(...key, bucket, last, timeOf(last));
      setTail.run(...key, bucket);
      db.exec('COMMIT');
      onFilled(last);
      // Ctrl-C is heard between buckets.
      await turnOfTheLoop();
    }
  } finally {
    db.close();
  }
}
