/**
 * `npm run bench -- append`: what an append to a channel's log costs beside the plain insert of the same row, alone
 * and against other replicas, with the ratios it is held to.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { Command } from 'commander';
import { serviceUrl } from '../test/services.ts';
import { alternate, turnsOf } from './append/alternate.ts';
import { cassandraGround, embeddedGround, type Ground } from './append/grounds.ts';
import { HEAD, type Outcome, outcomeOf, rowsOf } from './append/outcome.ts';
import { SCENARIOS, type ScenarioName } from './append/scenarios.ts';
import { positive, someOf } from './arguments.ts';
import { type Progress, startProgress } from './progress.ts';
import { table } from './table.ts';
import { untilStopped } from './until-stopped.ts';

const GROUNDS = ['cassandra', 'embedded'] as const;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly on: readonly (typeof GROUNDS)[number][];
  readonly scenarios: readonly ScenarioName[];
  readonly json?: string;
  readonly check: boolean;
  readonly allowPeriodic: boolean;
  readonly bus: boolean;
}

export function appendBench(): Command {
  return new Command('append')
    .description(
      'Appends to the log beside the plain, unconditional insert of the same row (on Cassandra prepared, at LOCAL_QUORUM),\n' +
        'from one replica and from three (a process each), with the ratios that are promised. About five minutes.\n' +
        'Redis (TEST_REDIS_URL) lets the replicas hear each other, as in the server; without it they meet in the store alone.\n' +
        'Cassandra: TEST_CASSANDRA_URL, or the one that `scripts/services up cassandra` started; without one it is skipped.\n' +
        'CPU is that of the appending processes and, where it runs on this machine, of Cassandra.',
    )
    .option('--rounds <n>', 'rounds of each pair; the median is reported', positive, 5)
    .option('--seconds <s>', 'length of a turn', positive, 2.5)
    .option('--warm-up <s>', 'length of the first turn, which does not count', positive, 5)
    .option('--on <stores>', GROUNDS.join(','), someOf(GROUNDS), [...GROUNDS])
    .option('--scenarios <names>', SCENARIOS.join(','), someOf(SCENARIOS), [...SCENARIOS])
    .option('--json <file>', 'write the figures of every round there')
    .option('--check', 'end with an error when a ratio is missed', false)
    .option('--no-bus', 'replicas that do not hear each other, as when Redis is away')
    .option('--allow-periodic', 'measure a Cassandra whose commit log is not durable, too', false)
    .action((options: Options) => untilStopped((signal) => run(signal, options)));
}

async function run(signal: AbortSignal, options: Options): Promise<void> {
  const machine = `${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}`;
  console.log(`${machine}\n`);
  const outcomes: Outcome[] = [];
  for (const name of options.on) {
    signal.throwIfAborted();
    if (name === 'cassandra' && serviceUrl('cassandra') === '') {
      console.log('Cassandra: skipped, none is named (scripts/services up cassandra starts one)\n');
      continue;
    }
    await using ground = await (name === 'cassandra' ? cassandraGround(options) : embeddedGround());
    const measured = await measure(ground, options, signal);
    console.log(`${ground.name}\n${table(HEAD, measured.flatMap(rowsOf))}\n`);
    outcomes.push(...measured);
  }
  console.log(
    'CPU: µs for each append, of the processes that append, and of Cassandra. Ratios: medians of those within a round.',
  );
  if (options.json !== undefined) {
    await writeFile(
      options.json,
      `${JSON.stringify({ machine, at: new Date(), outcomes }, replaceNaN, 2)}\n`,
    );
  }
  const missed = outcomes.flatMap((outcome) => outcome.goals.filter((goal) => !goal.isReached));
  if (options.check && missed.length > 0) {
    console.error(`${missed.length} of the ratios were missed.`);
    process.exitCode = 1;
  }
}

async function measure(ground: Ground, options: Options, signal: AbortSignal): Promise<readonly Outcome[]> {
  const scenarios = ground.scenarios.filter(({ name }) =>
    options.scenarios.some((wanted) => wanted === name),
  );
  const progress: Progress = startProgress(scenarios.length * turnsOf(2, options));
  try {
    const outcomes: Outcome[] = [];
    for (const scenario of scenarios) {
      const rounds = await alternate(scenario.runners, {
        rounds: options.rounds,
        seconds: options.seconds,
        warmUpSeconds: options.warmUp,
        signal,
        onTurn: (runner) => progress.step(`${ground.name}, ${scenario.what}: ${runner}`),
        storeCpuMicros: ground.storeCpuMicros,
      });
      outcomes.push(outcomeOf(ground.name, scenario, rounds));
    }
    return outcomes;
  } finally {
    progress.end();
  }
}

/** JSON has no NaN: what is not known is null. */
const replaceNaN = (_: string, value: unknown): unknown => (Number.isNaN(value) ? null : value);
