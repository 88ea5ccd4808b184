/**
 * `npm run bench -- send`: acknowledged sends, beside the bare driver doing the same statements in the same run.
 */
import { availableParallelism, cpus } from 'node:os';
import { Command } from 'commander';
import { serviceUrl } from '../test/services.ts';
import { positive, someOf, wholeNumbers } from './arguments.ts';
import { compare, type Result, roundsOf } from './measure.ts';
import { type Progress, startProgress } from './progress.ts';
import { openGround, requesters } from './requests/grounds.ts';
import { report } from './requests/report.ts';
import { sendTo, sharedChannel } from './requests/sends.ts';
import { missingForRecipe } from './requests/usual-recipe.ts';
import { cassandraGround, embeddedGround, type Ground, LEVELS, MOST_SENDERS } from './send/stores.ts';
import { figure, ratio, table } from './table.ts';
import { untilStopped } from './until-stopped.ts';

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly inFlight: readonly number[];
  readonly on: readonly (typeof GROUNDS)[number][];
  readonly at: readonly (typeof LEVELS)[number][];
}

const GROUNDS = ['embedded', 'cassandra', 'recipe'] as const;

export function sendBench(): Command {
  return new Command('send')
    .description(
      'Acknowledged sends per second, latency and CPU, embedded and on Cassandra, beside the bare driver doing the same statements.\n' +
        'Then the embedded server over WebSocket and over HTTP beside the usual recipe (graphql-yoga, graphql-ws,\n' +
        'graphql-redis-subscriptions) with a PostgreSQL INSERT before each publish.\n' +
        'Cassandra: TEST_CASSANDRA_URL, or the one that `scripts/services up` started; without one it is skipped.\n' +
        'CPU is that of the bench process for the bare driver and the log, and that of the server process for sendMessage\n' +
        '(over a WebSocket); what Cassandra, Postgres and Redis use themselves is not in it.',
    )
    .option('--in-flight <numbers>', 'sends under way at a time', wholeNumbers(MOST_SENDERS), [1, 16, 64])
    .option('--rounds <n>', 'rounds of each contender; the median is reported', positive, 5)
    .option('--seconds <s>', 'length of a round', positive, 2)
    .option('--on <stores>', GROUNDS.join(','), someOf(GROUNDS), [...GROUNDS])
    .option('--at <levels>', `${LEVELS.join(',')}; the bare driver always`, someOf(LEVELS), [...LEVELS])
    .action((options: Options) => untilStopped((signal) => runUntil(signal, options)));
}

async function runUntil(signal: AbortSignal, options: Options): Promise<void> {
  console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}\n`);
  const levels = new Set(options.at);
  for (const name of options.on) {
    signal.throwIfAborted();
    if (name === 'cassandra' && serviceUrl('cassandra') === '') {
      console.log('Cassandra: skipped, none is named (scripts/services up cassandra starts one)\n');
      continue;
    }
    if (name === 'recipe') {
      await besideRecipe(options, signal);
      continue;
    }
    const ground = await (name === 'cassandra' ? cassandraGround(levels) : embeddedGround(levels));
    try {
      console.log(`${await measure(ground, options, signal)}\n`);
      console.log(
        'CPU: of this process for the bare driver and the log, of the server process for sendMessage; without that of the services.\n',
      );
      for (const note of ground.notes) console.log(`${note}\n`);
    } finally {
      await ground.close();
    }
  }
}

async function besideRecipe(options: Options, signal: AbortSignal): Promise<void> {
  const missing = missingForRecipe();
  if (missing.length > 0) {
    console.log(`The usual recipe: skipped, no ${missing.join(' and no ')} is named (scripts/services up)\n`);
    return;
  }
  await using open = new AsyncDisposableStack();
  const ground = await openGround();
  open.defer(() => ground.close());
  const most = Math.max(...options.inFlight);
  const channels = await sharedChannel(ground, most);
  const contenders = await requesters(ground, most, sendTo(channels), (close) => open.defer(close));
  console.log(`${await report(contenders, 'send', options, signal)}\n`);
  console.log(
    'CPU: of each server process; without that of PostgreSQL and Redis, which only the recipe uses.\n',
  );
}

async function measure(ground: Ground, options: Options, signal: AbortSignal): Promise<string> {
  const { contenders } = ground;
  const progress: Progress = startProgress(options.inFlight.length * roundsOf(contenders.length, options));
  const rows: string[][] = [];
  try {
    for (const inFlight of options.inFlight) {
      const results = await compare(contenders, inFlight, {
        rounds: options.rounds,
        secondsPerRound: options.seconds,
        signal,
        onRound: (contender) => progress.step(`${ground.name}, ${inFlight} in flight: ${contender}`),
      });
      const [base] = results;
      results.forEach((result, i) => {
        rows.push([ground.name, String(inFlight), contenders[i]?.name ?? '', ...cells(result, base)]);
      });
    }
  } finally {
    progress.end();
  }
  return table(
    ['store', 'in flight', 'what', 'sends/s', '× bare', 'p50 ms', 'p99 ms', 'CPU µs/send', '× bare'],
    rows,
  );
}

const cells = (result: Result, base: Result | undefined): string[] => [
  figure(result.perSecond),
  ratio(result.perSecond / (base?.perSecond ?? Number.NaN)),
  figure(result.p50Ms),
  figure(result.p99Ms),
  figure(result.cpuMicrosPerSend),
  ratio(result.cpuMicrosPerSend / (base?.cpuMicrosPerSend ?? Number.NaN)),
];
