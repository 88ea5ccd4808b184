/**
 * The stores to measure on, each with its contenders: the bare driver, which the others are compared with, the log
 * over the store, and a server process over the log.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MessageEntry } from '../../src/chat/log/entries.ts';
import type { LogStore } from '../../src/chat/log/port.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { migrateCassandra } from '../../src/stores/cassandra/migrate.ts';
import { openCassandraLogs } from '../../src/stores/cassandra/open.ts';
import { scratchKeyspace } from '../../src/stores/cassandra/testing/scratch-keyspace.ts';
import { openSqliteLogs } from '../../src/stores/sqlite/open.ts';
import { serviceUrl } from '../../test/services.ts';
import type { Contender } from '../measure.ts';
import { bareCassandra } from './bare-cassandra.ts';
import { bareSqlite } from './bare-sqlite.ts';
import { graphqlClients } from './graphql.ts';
import { freshChannels, logContender, openLog } from './log.ts';
import { scratchDatabase } from './scratch-database.ts';
import { startServer } from './server.ts';

export interface Ground {
  readonly name: string;
  /** The first one is the measure of the others. */
  readonly contenders: readonly Contender[];
  /** What was left out, and why. */
  readonly notes: readonly string[];
  close(): Promise<void>;
}

/** Senders at a time at most: each has a channel of its own, and a socket. */
export const MOST_SENDERS = 64;

const SLOW_SETUP_MS = 30_000;

type Undo = (step: () => unknown) => void;

/** Undone in reverse order, also when the rest of the setting up fails. */
async function settingUp(build: (undo: Undo) => Promise<Omit<Ground, 'close'>>): Promise<Ground> {
  const steps: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of steps.splice(0).reverse()) await step();
  };
  try {
    return { ...(await build((step) => void steps.push(step))), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const scratchFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'backscroll-bench-'));

export const LEVELS = ['log', 'server'] as const;
/** How far up to measure: the log over the store, the server over the log. */
export type Levels = ReadonlySet<(typeof LEVELS)[number]>;

export const embeddedGround = (levels: Levels): Promise<Ground> =>
  settingUp(async (undo) => {
    const dir = await scratchFolder();
    undo(() => rm(dir, { recursive: true }));
    const bare = bareSqlite(dir);
    undo(() => bare.close());
    const contenders: Contender[] = [bare];
    if (levels.has('log')) {
      const logs = await openSqliteLogs({ dataDir: join(dir, 'log') });
      undo(() => logs.close());
      contenders.push(...logContenders(logs.messages, undo));
    }
    if (levels.has('server')) {
      contenders.push(...(await serverContenders(join(dir, 'server'), {}, undo)));
    }
    return { name: 'embedded', notes: [], contenders };
  });

/** In keyspaces and a database of its own, dropped in the end. */
export const cassandraGround = (levels: Levels): Promise<Ground> =>
  settingUp(async (undo) => {
    const scratch = scratchKeyspace('bench');
    undo(() => scratch.drop());
    await migrateCassandra({ url: scratch.url, logger: silentLogger, waitMs: SLOW_SETUP_MS });
    const bare = await bareCassandra(scratch.parsed);
    undo(() => bare.close());
    const contenders = [bare.conditional, bare.plain];
    if (levels.has('log')) {
      const logs = await openCassandraLogs({
        url: scratch.url,
        allowPeriodicCommitlog: true,
        logger: silentLogger,
      });
      undo(() => logs.close());
      contenders.push(...logContenders(logs.messages, undo));
    }
    const missing = (['postgres', 'redis'] as const).filter((service) => serviceUrl(service) === '');
    const notes: string[] = [];
    if (levels.has('server')) {
      if (missing.length === 0) contenders.push(...(await serverOnServices(undo)));
      else notes.push(`The server on Cassandra: skipped, no ${missing.join(' and no ')}.`);
    }
    return { name: 'Cassandra', notes, contenders };
  });

function logContenders(store: LogStore<MessageEntry>, undo: Undo): Contender[] {
  const log = openLog(store);
  undo(() => log.close());
  return [
    logContender('log, one channel', log, freshChannels(1)),
    logContender('log, a channel each', log, freshChannels(MOST_SENDERS)),
  ];
}

async function serverOnServices(undo: Undo): Promise<readonly Contender[]> {
  const database = await scratchDatabase();
  undo(() => database.drop());
  const keyspace = scratchKeyspace('bench');
  undo(() => keyspace.drop());
  const dir = await scratchFolder();
  undo(() => rm(dir, { recursive: true }));
  const stores = {
    CASSANDRA_URL: keyspace.url,
    DATABASE_URL: database.url,
    REDIS_URL: serviceUrl('redis'),
    ALLOW_PERIODIC_COMMITLOG: '1',
  };
  return serverContenders(dir, stores, undo);
}

async function serverContenders(
  dataDir: string,
  stores: Readonly<Record<string, string>>,
  undo: Undo,
): Promise<readonly Contender[]> {
  const server = await startServer(dataDir, stores);
  undo(() => server.stop());
  const clients = await graphqlClients(server, MOST_SENDERS);
  undo(() => clients.close());
  return clients.contenders;
}
