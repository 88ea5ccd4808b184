/** The one conditional batch of an append. Pure: nothing is asked of the store. */
import { type AppendBatch, bucketOf } from '../../chat/log/port.ts';
import type { RowCodec } from './row-codec.ts';
import type { Statement } from './session.ts';
import type { LogStatements } from './statements.ts';

/**
 * All in one partition, so that Cassandra takes or refuses it as one. Throws for a batch that would leave a hole or a
 * second copy in the log: the appender never makes one.
 */
export function appendStatements<Entry>(
  cql: LogStatements,
  codec: RowCodec<Entry>,
  bucketSize: number,
  { channel, bucket, expectedLast, rows }: AppendBatch<Entry>,
): readonly Statement[] {
  const newest = rows.at(-1);
  if (newest === undefined) throw new Error('a batch holds at least one row');
  if (rows.some((row) => bucketOf(row.seq, bucketSize) !== bucket))
    throw new Error('a row of another bucket');
  // Cassandra would apply a batch that holds a key twice.
  if (new Set(rows.map((row) => row.sendKey)).size !== rows.length) throw new Error('a send key twice');

  const ref = [channel.organizationId, channel.channelId, bucket] as const;
  const expected = expectedLast === null ? null : BigInt(expectedLast);
  return [
    { query: cql.setLast, params: [BigInt(newest.seq), new Date(newest.at), ...ref, expected] },
    ...rows.map((row) => ({ query: cql.addRow, params: [...ref, ...codec.encode(row)] })),
    ...rows.map((row) => ({ query: cql.addSend, params: [...ref, row.sendKey, BigInt(row.seq)] })),
  ];
}
