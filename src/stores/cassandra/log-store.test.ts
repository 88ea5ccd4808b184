/** The LogStore contract on a real Cassandra, and what only Cassandra can get wrong. */
import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { logStoreContract } from '../../chat/log/log-store.contract.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from './migrate.ts';
import { openCassandraLogs } from './open.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';

await describeWith(['cassandra'], 'Cassandra', () => {
  const scratch = scratchKeyspace();
  beforeAll(async () => void (await migrateCassandra({ url: scratch.url, logger: silentLogger })));
  afterAll(scratch.drop);

  logStoreContract('Cassandra', () =>
    openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      bucketSize: 16,
      logger: silentLogger,
    }),
  );
});
