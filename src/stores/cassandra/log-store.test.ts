/** What every log store and every log on one must hold, on a real Cassandra. */
import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { logContract } from '../../chat/log/log.contract.ts';
import { logStoreContract } from '../../chat/log/log-store.contract.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from './migrate.ts';
import { openCassandraLogs } from './open.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';

await describeWith(['cassandra'], 'Cassandra', () => {
  const scratch = scratchKeyspace();
  beforeAll(async () => void (await migrateCassandra({ url: scratch.url, logger: silentLogger })));
  afterAll(scratch.drop);

  const open = () =>
    openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      bucketSize: 16,
      logger: silentLogger,
    });
  logStoreContract('Cassandra', open);
  logContract('Cassandra', open);
});
