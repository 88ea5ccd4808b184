/** The stores to measure on, each with its contenders; the first contender is what the others are compared with. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/chat/logger.ts';
import { migrateCassandra } from '../../src/stores/cassandra/migrate.ts';
import { openCassandraLogs } from '../../src/stores/cassandra/open.ts';
import { scratchKeyspace } from '../../src/stores/cassandra/testing/scratch-keyspace.ts';
import { openSqliteLogs } from '../../src/stores/sqlite/open.ts';
import type { Contender } from '../measure.ts';
import { bareCassandra } from './bare-cassandra.ts';
import { bareSqlite } from './bare-sqlite.ts';
import { logContender, openLog } from './log.ts';

export interface Ground {
  readonly name: string;
  readonly contenders: readonly Contender[];
  close(): Promise<void>;
}

/** As many channels as there can be senders: each has its own. */
const APART = 64;

export async function embeddedGround(): Promise<Ground> {
  const dir = await mkdtemp(join(tmpdir(), 'backscroll-bench-'));
  const logs = await openSqliteLogs({ dataDir: dir });
  const log = openLog(logs.messages);
  const bare = bareSqlite(dir);
  return {
    name: 'embedded',
    contenders: [
      bare,
      logContender('log, one channel', log, 1),
      logContender('log, a channel each', log, APART),
    ],
    async close() {
      await log.close();
      await logs.close();
      bare.close();
      await rm(dir, { recursive: true });
    },
  };
}

/** In a keyspace of its own, dropped in the end. */
export async function cassandraGround(): Promise<Ground> {
  const scratch = scratchKeyspace('bench');
  await migrateCassandra({ url: scratch.url, logger: silentLogger, waitMs: 10_000 });
  const logs = await openCassandraLogs({
    url: scratch.url,
    allowPeriodicCommitlog: true,
    logger: silentLogger,
  });
  const log = openLog(logs.messages);
  const bare = await bareCassandra(scratch.parsed);
  return {
    name: 'Cassandra',
    contenders: [
      bare.conditional,
      bare.plain,
      logContender('log, one channel', log, 1),
      logContender('log, a channel each', log, APART),
    ],
    async close() {
      await log.close();
      await logs.close();
      await bare.close();
      await scratch.drop();
    },
  };
}
