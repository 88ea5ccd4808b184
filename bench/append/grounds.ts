/** The stores that are appended to, each with its scenarios; made for one run and taken away afterwards. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/chat/logger.ts';
import { migrateCassandra } from '../../src/stores/cassandra/migrate.ts';
import { openCassandraLogs } from '../../src/stores/cassandra/open.ts';
import { scratchKeyspace } from '../../src/stores/cassandra/testing/scratch-keyspace.ts';
import { openSqliteLogs } from '../../src/stores/sqlite/open.ts';
import { serviceUrl } from '../../test/services.ts';
import { openLog } from '../send/log.ts';
import { plainCassandra, plainSqlite } from './plain.ts';
import type { BusAddress } from './replica-messages.ts';
import { startReplicas } from './replicas.ts';
import { besideOneReplica, besidePlain, REPLICAS, type Scenario } from './scenarios.ts';
import { storeCpu } from './store-cpu.ts';

export interface Ground extends AsyncDisposable {
  readonly name: string;
  readonly scenarios: readonly Scenario[];
  storeCpuMicros(): number;
}

const SLOW_SETUP_MS = 30_000;

export async function embeddedGround(): Promise<Ground> {
  await using undo = new AsyncDisposableStack();
  const dir = await mkdtemp(join(tmpdir(), 'backscroll-bench-'));
  undo.defer(() => rm(dir, { recursive: true }));
  const plain = plainSqlite(dir);
  undo.defer(() => plain.close());
  const logs = await openSqliteLogs({ dataDir: join(dir, 'log') });
  undo.defer(() => logs.close());
  const log = openLog(logs.messages);
  undo.defer(() => log.close());
  return ready(undo, 'SQLite', besidePlain(plain, log, false), () => Number.NaN);
}

export interface CassandraOptions {
  /** Measures a Cassandra that acknowledges what is not on disk, too. */
  readonly allowPeriodic: boolean;
  /** False: replicas learn of each other by meeting in the store alone, as when Redis is away. */
  readonly bus: boolean;
}

export async function cassandraGround(options: CassandraOptions): Promise<Ground> {
  await using undo = new AsyncDisposableStack();
  const scratch = scratchKeyspace('bench');
  undo.defer(() => scratch.drop());
  await migrateCassandra({ url: scratch.url, logger: silentLogger, waitMs: SLOW_SETUP_MS });
  const plain = await plainCassandra(scratch.parsed);
  undo.defer(() => plain.close());
  const logs = await openCassandraLogs({
    url: scratch.url,
    allowPeriodicCommitlog: options.allowPeriodic,
    logger: silentLogger,
  });
  undo.defer(() => logs.close());
  const log = openLog(logs.messages);
  undo.defer(() => log.close());
  const replicas = await startReplicas(REPLICAS, scratch.url, busFor(options));
  undo.defer(() => replicas.close());
  const scenarios = [...besidePlain(plain, log, true), ...besideOneReplica(replicas)];
  return ready(undo, 'Cassandra', scenarios, storeCpu(new Set([scratch.parsed.port])));
}

/** With words of this run's own. */
const busFor = ({ bus }: CassandraOptions): BusAddress | null => {
  const url = serviceUrl('redis');
  return bus && url !== '' ? { url, prefix: `bench:${randomUUID()}:` } : null;
};

function ready(
  undo: AsyncDisposableStack,
  name: string,
  scenarios: readonly Scenario[],
  storeCpuMicros: () => number,
): Ground {
  const kept = undo.move();
  return { name, scenarios, storeCpuMicros, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
