/**
 * The bare driver, doing what the embedded log does: node:sqlite with the same tables, the same statements and the
 * same durability, one transaction and one sync for all that waits, but on this thread, with no queue, no retry and
 * nothing looked up.
 */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageSendKey } from '../../src/chat/log/entries.ts';
import { messageCodec } from '../../src/stores/entry-codec.ts';
import { prepareSchema } from '../../src/stores/sqlite/schema.ts';
import { storedSendKey } from '../../src/stores/sqlite/stored-send-key.ts';
import { type Contender, ownCpuMicros } from '../measure.ts';
import { message } from './message.ts';

const BUCKET_SIZE = 4_096;
const AT_ONCE = 64;

export function bareSqlite(dir: string): Contender & { close(): void } {
  const db = new DatabaseSync(join(dir, 'bare.sqlite'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;');
  prepareSchema(db, BUCKET_SIZE);
  const entryColumns = messageCodec.columns.map((column) => column.name);
  const readState = db.prepare(
    'SELECT last, last_at FROM messages_buckets WHERE organization_id = ? AND channel_id = ? AND bucket = ?',
  );
  const readSend = db.prepare(
    'SELECT seq FROM messages_sends WHERE organization_id = ? AND channel_id = ? AND bucket = ? AND send_key = ?',
  );
  const addRow = db.prepare(
    `INSERT INTO messages (organization_id, channel_id, seq, at, send_key, ${entryColumns.join(', ')})
     VALUES (?, ?, ?, ?, ?, ${entryColumns.map(() => '?').join(', ')})`,
  );
  const addSend = db.prepare(
    'INSERT INTO messages_sends (organization_id, channel_id, bucket, send_key, seq) VALUES (?, ?, ?, ?, ?)',
  );
  const setState = db.prepare(
    `INSERT INTO messages_buckets (organization_id, channel_id, bucket, last, last_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT DO UPDATE SET last = excluded.last, last_at = excluded.last_at`,
  );

  const channel = [randomUUID(), randomUUID()] as const;
  let head = 0;
  let waiting: { sender: number; done: () => void; failed: (error: unknown) => void }[] = [];

  const flush = (): void => {
    const group = waiting.splice(0, AT_ONCE);
    if (waiting.length > 0) setImmediate(flush);
    try {
      db.exec('BEGIN IMMEDIATE');
      const bucket = Math.floor(head / BUCKET_SIZE);
      readState.get(...channel, bucket);
      const at = Date.now();
      for (const { sender } of group) {
        const entry = message(sender);
        const key = messageSendKey(entry.authorId, entry.clientMessageId);
        const seq = ++head;
        readSend.get(...channel, bucket, storedSendKey(key));
        addRow.run(...channel, seq, at, key, ...messageCodec.encode(entry));
        addSend.run(...channel, bucket, storedSendKey(key), seq);
      }
      setState.run(...channel, bucket, head, at);
      db.exec('COMMIT');
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
  };

  return {
    name: 'bare node:sqlite, same statements',
    cpuMicros: ownCpuMicros,
    send: (sender) =>
      new Promise((done, failed) => {
        if (waiting.push({ sender, done, failed }) === 1) setImmediate(flush);
      }),
    close() {
      waiting = [];
      db.close();
    },
  };
}
