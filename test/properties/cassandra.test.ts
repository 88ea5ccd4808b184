/** On however many nodes the tests' Cassandra has: one, or three with three copies of everything. */
import type { ChannelKey } from '../../src/chat/log/port.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { migrateCassandra } from '../../src/stores/cassandra/migrate.ts';
import { openCassandraLogs } from '../../src/stores/cassandra/open.ts';
import { scratchKeyspace } from '../../src/stores/cassandra/testing/scratch-keyspace.ts';
import { describeWith, serviceUrl } from '../services.ts';
import { logProperties } from './suite.ts';

const nodes = serviceUrl('cassandra').split(',').length;

await describeWith(['cassandra'], 'Cassandra', () => {
  logProperties(`Cassandra, nodes: ${nodes}`, 25, async () => {
    const scratch = scratchKeyspace('properties');
    await migrateCassandra({ url: scratch.url, logger: silentLogger });
    const logs = await openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      bucketSize: 4,
      logger: silentLogger,
    });
    const session = await scratch.connect();
    const tables = (
      await session.ask('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [
        scratch.parsed.keyspace,
      ])
    )
      .map(({ table_name }) => String(table_name))
      .filter((table) => table !== 'schema_version');
    /** Behind the adapter's back: whatever table there is. */
    const dump = async ({ channelId }: ChannelKey): Promise<string> => {
      const kept: string[] = [];
      for (const table of tables) {
        const rows = await session.client.execute(
          `SELECT JSON * FROM ${scratch.parsed.keyspace}.${table}`,
          [],
          { fetchSize: 5_000, autoPage: true },
        );
        for (const row of rows) kept.push(JSON.stringify(row));
      }
      return kept.filter((row) => row.includes(channelId)).join();
    };
    return {
      ...logs,
      dump,
      async close() {
        await session.close();
        await logs.close();
        await scratch.drop();
      },
    };
  });
});
