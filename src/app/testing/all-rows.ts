/** Every column of every row of every table of a keyspace, as one text: for what must, or must not, be in it. */
import type { ScratchKeyspace } from '../../stores/cassandra/testing/scratch-keyspace.ts';

export async function allRows({
  connect,
  parsed,
}: Pick<ScratchKeyspace, 'connect' | 'parsed'>): Promise<string> {
  const { keyspace } = parsed;
  const behind = await connect();
  try {
    const tables = await behind.read('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [
      keyspace,
    ]);
    const kept = await Promise.all(
      tables.map(({ table_name }) => behind.read(`SELECT JSON * FROM ${keyspace}.${table_name}`, [])),
    );
    return kept.flatMap((rows) => rows.map((row) => JSON.stringify(row))).join('\n');
  } finally {
    await behind.close();
  }
}
