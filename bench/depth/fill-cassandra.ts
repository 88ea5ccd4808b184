/**
 * Loads a deep channel straight into Cassandra's tables: plain unlogged batches, each within one partition, several
 * buckets at a time. The tail hint moves behind them, and whoever fills on begins there.
 */
import { types } from 'cassandra-driver';
import type { Session } from '../../src/stores/cassandra/session.ts';
import { messageCodec } from '../../src/stores/entry-codec.ts';
import { BUCKET_SIZE, channel, rowOf, timeOf } from './row.ts';

/** Small enough for Cassandra not to warn of the size. */
const ROWS_IN_BATCH = 128;
const BUCKETS_AT_ONCE = 8;

export async function fillCassandra(
  session: Session,
  keyspace: string,
  messages: number,
  signal: AbortSignal,
  onFilled: (seq: number) => void,
): Promise<void> {
  const table = `${keyspace}.messages`;
  const key = [channel.organizationId, channel.channelId] as const;
  const names = messageCodec.columns.map(({ name }) => name);
  const addRow = `INSERT INTO ${table} (organization_id, channel_id, bucket, send_key, seq, sent_as, created_at, ${names.join(', ')})
    VALUES (?, ?, ?, '', ?, ?, ?, ${names.map(() => '?').join(', ')})`;
  const addSend = `INSERT INTO ${table} (organization_id, channel_id, bucket, seq, send_key, sent_seq) VALUES (?, ?, ?, 0, ?, ?)`;
  const setState = `UPDATE ${table} SET last = ?, last_at = ? WHERE organization_id = ? AND channel_id = ? AND bucket = ?`;
  const setTail = `INSERT INTO ${table}_tail (organization_id, channel_id, bucket) VALUES (?, ?, ?) USING TIMESTAMP ?`;

  const fillBucket = async (bucket: number): Promise<void> => {
    const last = Math.min(messages, (bucket + 1) * BUCKET_SIZE);
    for (let seq = bucket * BUCKET_SIZE + 1; seq <= last; seq += ROWS_IN_BATCH) {
      signal.throwIfAborted();
      const rows = Array.from({ length: Math.min(ROWS_IN_BATCH, last - seq + 1) }, (_, i) => rowOf(seq + i));
      const statements = rows.flatMap((row) => [
        {
          query: addRow,
          params: [
            ...key,
            bucket,
            BigInt(row.seq),
            row.sendKey,
            new Date(row.at),
            ...messageCodec.encode(row.entry).map((value) => value ?? types.unset),
          ],
        },
        { query: addSend, params: [...key, bucket, row.sendKey, BigInt(row.seq)] },
      ]);
      await session.client.batch(statements, { logged: false, isIdempotent: true });
    }
    await session.write(setState, [BigInt(last), new Date(timeOf(last)), ...key, bucket]);
    onFilled(last);
  };

  const [tail] = await session.read(
    `SELECT bucket FROM ${table}_tail WHERE organization_id = ? AND channel_id = ?`,
    key,
  );
  const filled = Number(tail?.bucket ?? 0);
  // Whole groups, in order: every bucket below the hint is full.
  for (let bucket = filled; bucket * BUCKET_SIZE < messages; bucket += BUCKETS_AT_ONCE) {
    const group = Array.from({ length: BUCKETS_AT_ONCE }, (_, i) => bucket + i).filter(
      (one) => one * BUCKET_SIZE < messages,
    );
    await Promise.all(group.map(fillBucket));
    const newest = group.at(-1) ?? bucket;
    await session.write(setTail, [...key, newest, BigInt(newest + 1)]);
  }
}
