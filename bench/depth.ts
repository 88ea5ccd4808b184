/**
 * `npm run bench -- depth`: a channel of ten million messages, loaded straight into the tables, and what its depth
 * costs: a page of its first messages beside a page of its newest. What was loaded is kept for the next run.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { silentLogger } from '../src/chat/logger.ts';
import { migrateCassandra } from '../src/stores/cassandra/migrate.ts';
import { openCassandraLogs } from '../src/stores/cassandra/open.ts';
import { Session } from '../src/stores/cassandra/session.ts';
import { parseCassandraUrl } from '../src/stores/cassandra/url.ts';
import { openSqliteLogs } from '../src/stores/sqlite/open.ts';
import { serviceUrl } from '../test/services.ts';
import { positive, someOf } from './arguments.ts';
import { fillCassandra } from './depth/fill-cassandra.ts';
import { fillSqlite } from './depth/fill-sqlite.ts';
import { type Depth, measureDepth } from './depth/measure.ts';
import { startProgress } from './progress.ts';
import { figure, ratio, table } from './table.ts';
import { untilStopped } from './until-stopped.ts';

const GROUNDS = ['embedded', 'cassandra'] as const;
const KEYSPACE = 'bench_depth';
const SLOW_MS = 20_000;
/** What depth may cost at most. */
const MOST = 1.3;

interface Options {
  readonly messages: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly on: readonly (typeof GROUNDS)[number][];
  readonly wipe: boolean;
}

export function depthBench(): Command {
  return new Command('depth')
    .description(
      'Pages of 50 at the head and at the beginning of a channel of ten million messages. Loading it takes some minutes,\n' +
        'once: it is kept (.services/depth; keyspace bench_depth) until --wipe, and goes on where it was stopped.\n' +
        'Cassandra: TEST_CASSANDRA_URL, or the one that `scripts/services up cassandra` started; without one it is skipped.',
    )
    .option('--messages <n>', 'in the channel', positive, 10_000_000)
    .option('--rounds <n>', 'rounds of each; the median is reported', positive, 5)
    .option('--seconds <s>', 'length of a round', positive, 2)
    .option('--on <stores>', GROUNDS.join(','), someOf(GROUNDS), [...GROUNDS])
    .option('--wipe', 'forget what was loaded, at the end', false)
    .action((options: Options) => untilStopped((signal) => run(signal, options)));
}

async function run(signal: AbortSignal, options: Options): Promise<void> {
  const rows: string[][] = [];
  for (const name of options.on) {
    if (name === 'cassandra' && serviceUrl('cassandra') === '') {
      console.log('Cassandra: skipped, none is named (scripts/services up cassandra starts one)\n');
      continue;
    }
    const depth = await (name === 'cassandra' ? onCassandra : onSqlite)(signal, options);
    const { near, far, calls } = depth;
    rows.push([
      name,
      figure(near.p50Ms),
      figure(far.p50Ms),
      ratio(far.p50Ms / near.p50Ms),
      String(calls.open),
      String(calls.number),
      String(calls.date),
    ]);
    if (far.p50Ms > MOST * near.p50Ms) process.exitCode = 1;
  }
  console.log(
    `\n${options.messages.toLocaleString('en-US')} messages\n${table(['store', 'newest page, p50 ms', 'oldest page, p50 ms', 'oldest/newest', 'calls to open', 'for a number', 'for a date, at most'], rows)}`,
  );
}

const filling = (what: string, messages: number) => {
  const progress = startProgress(100);
  const began = performance.now();
  let shown = 0;
  return {
    onFilled(seq: number) {
      for (; shown < Math.floor((seq / messages) * 100); shown++)
        progress.step(`${what}: ${seq.toLocaleString('en-US')}`);
    },
    end() {
      progress.end();
      console.log(`${what}: there after ${Math.round((performance.now() - began) / 1_000)} s`);
    },
  };
};

async function onSqlite(signal: AbortSignal, options: Options): Promise<Depth> {
  const dataDir = fileURLToPath(new URL(`../.services/depth/${options.messages}`, import.meta.url));
  mkdirSync(dataDir, { recursive: true });
  const progress = filling('SQLite', options.messages);
  await fillSqlite(dataDir, options.messages, signal, progress.onFilled);
  progress.end();
  const logs = await openSqliteLogs({ dataDir });
  try {
    return await measureDepth(logs.messages, options.messages, {
      ...options,
      signal,
      onRound: () => undefined,
    });
  } finally {
    await logs.close();
    if (options.wipe) rmSync(dataDir, { recursive: true });
  }
}

async function onCassandra(signal: AbortSignal, options: Options): Promise<Depth> {
  const keyspace = `${KEYSPACE}_${options.messages}`;
  const url = serviceUrl('cassandra').replace(/\/[a-z0-9_]+\?/, `/${keyspace}?`);
  await migrateCassandra({ url, logger: silentLogger });
  const session = new Session(parseCassandraUrl(url), SLOW_MS, silentLogger);
  await session.client.connect();
  try {
    const progress = filling('Cassandra', options.messages);
    await fillCassandra(session, keyspace, options.messages, signal, progress.onFilled);
    progress.end();
    const logs = await openCassandraLogs({ url, allowPeriodicCommitlog: true, logger: silentLogger });
    try {
      return await measureDepth(logs.messages, options.messages, {
        ...options,
        signal,
        onRound: () => undefined,
      });
    } finally {
      await logs.close();
    }
  } finally {
    if (options.wipe) await session.client.execute(`DROP KEYSPACE ${keyspace}`, [], { prepare: false });
    await session.close();
  }
}
