/** What every change log must hold, on a real Cassandra. */
import { afterAll, beforeAll } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { changeLogContract } from '../../chat/changes/change-log.contract.ts';
import { changeCrashContract } from '../../chat/changes/crashes.contract.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from './migrate.ts';
import { openCassandraLogs } from './open.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';

await describeWith(['cassandra'], 'Changes in Cassandra', () => {
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
  changeLogContract('Cassandra', open);
  changeCrashContract('Cassandra', open, 4);
});
