/** What every store of projections must do, on a real Cassandra. */
import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { projectionStoreContract } from '../../chat/changes/projection-store.contract.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from './migrate.ts';
import { openCassandraLogs } from './open.ts';
import type { Session } from './session.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';

await describeWith(['cassandra'], 'Cassandra', () => {
  const scratch = scratchKeyspace();
  const { keyspace } = scratch.parsed;
  let behind: Session;
  beforeAll(async () => {
    await migrateCassandra({ url: scratch.url, logger: silentLogger });
    behind = await scratch.connect();
  });
  afterAll(async () => {
    await behind?.close();
    await scratch.drop();
  });

  projectionStoreContract('Cassandra', async () => {
    const logs = await openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      bucketSize: 16,
      logger: silentLogger,
    });
    return { ...logs, dump: allRows };
  });

  /** Every column of every row of every table. */
  async function allRows(): Promise<string> {
    const tables = await behind.read('SELECT table_name FROM system_schema.tables WHERE keyspace_name = ?', [
      keyspace,
    ]);
    const kept: string[] = [];
    for (const { table_name } of tables) {
      const query = `SELECT JSON * FROM ${keyspace}.${table_name}`;
      let pageState: string | undefined;
      do {
        const page = await behind.client.execute(query, [], pageState ? { pageState } : {});
        kept.push(...page.rows.map((row) => JSON.stringify(row)));
        pageState = page.pageState;
      } while (pageState);
    }
    return kept.join('\n');
  }
});
