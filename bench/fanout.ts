/**
 * `npm run bench -- fanout`: what it costs a server to tell many subscribers of a message, beside what the usual
 * recipe, mercurius, Socket.IO and a bare ws broadcast pay, each in a process of its own with Redis in between.
 */
import { availableParallelism, cpus } from 'node:os';
import { Command, InvalidArgumentError } from 'commander';
import { serviceUrl } from '../test/services.ts';
import { positive, someOf } from './arguments.ts';
import { buildServers } from './fanout/built.ts';
import {
  CONTENDERS,
  type Contender,
  type ContenderName,
  STORES,
  type StoreName,
  startContender,
} from './fanout/contenders.ts';
import { type Idle, measureIdle } from './fanout/idle.ts';
import { goalsTable, idleTable, type Measured, scenarioTable } from './fanout/outcome.ts';
import {
  ownScenario,
  SCENARIO_NAMES,
  type Scenario,
  type ScenarioName,
  scenario,
} from './fanout/scenarios.ts';
import { Subscribers } from './fanout/subscribers.ts';
import { type Course, type Figures, takeTurn } from './fanout/turn.ts';
import { type Progress, startProgress } from './progress.ts';
import { untilStopped } from './until-stopped.ts';

const PARTS = [...SCENARIO_NAMES, 'idle'] as const;

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUp: number;
  readonly bytes: number;
  readonly inFlight: number;
  readonly idle: number;
  readonly subscribers?: number;
  readonly rate?: number;
  readonly scenarios: readonly (typeof PARTS)[number][];
  readonly only: readonly ContenderName[];
  readonly on: StoreName;
}

export function fanoutBench(): Command {
  return new Command('fanout')
    .description(
      'CPU of the server for each delivery, memory for each connection, and the delay from publishing to receiving, beside\n' +
        'the usual recipe, mercurius, Socket.IO and a bare ws broadcast, which save nothing; Backscroll saves every message.\n' +
        'All publish over HTTP and through Redis. Every delivery is counted and checked. About twenty minutes,\n' +
        'ten of them for idle connections, which rest before they are measured.\n' +
        'Redis and PostgreSQL: TEST_REDIS_URL and TEST_DATABASE_URL, or what `scripts/services up` started.',
    )
    .option('--subscribers <n>', 'with --rate: a scenario of your own', positive)
    .option('--rate <n>', 'messages a second', positive)
    .option('--scenarios <names>', PARTS.join(','), someOf(PARTS), [...PARTS])
    .option('--only <servers>', CONTENDERS.join(','), someOf(CONTENDERS), [...CONTENDERS])
    .option(
      '--on <store>',
      `where Backscroll keeps messages: ${STORES.join(' or ')}`,
      oneOf(STORES),
      'embedded',
    )
    .option('--rounds <n>', 'rounds, each server once in each; the median is reported', positive, 2)
    .option('--seconds <s>', 'length of a turn', positive, 4)
    .option('--warm-up <s>', 'of each turn, not counted', positive, 1)
    .option('--bytes <n>', "length of a message's text", positive, 200)
    .option('--in-flight <n>', 'messages under way at a time, where it goes as fast as it can', positive, 64)
    .option('--idle <n>', 'connections of which the memory is measured', positive, 2_000)
    .action((options: Options) => untilStopped((signal) => run(signal, options)));
}

const oneOf =
  <Name extends string>(known: readonly Name[]) =>
  (text: string): Name => {
    const name = known.find((one) => one === text);
    if (name === undefined) throw new InvalidArgumentError(`there are ${known.join(' and ')}`);
    return name;
  };

async function run(signal: AbortSignal, options: Options): Promise<void> {
  const needed = [
    'redis',
    'postgres',
    ...(options.on === 'cassandra' ? (['cassandra'] as const) : []),
  ] as const;
  const missing = needed.filter((service) => serviceUrl(service) === '');
  if (missing.length > 0) {
    throw new Error(
      `No ${missing.join(' and no ')} is named: scripts/services up ${missing.join(' ')} starts it.`,
    );
  }
  console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores, Node ${process.version}\n`);
  await using opening = new AsyncDisposableStack();
  const scenarios = scenariosOf(options);
  const progress = startProgress(stepsOf(options, scenarios));
  opening.defer(() => progress.end());
  const processes = Math.max(1, Math.min(2, availableParallelism() - 2));
  const [subscribers, others] = [new Subscribers(processes), new Subscribers(processes)];
  const dismiss = () => Promise.all([subscribers.close(), others.close()]);
  opening.defer(async () => void (await dismiss()));
  progress.step('building');
  const built = opening.use(await buildServers(options.only));
  const contenders: Contender[] = [];
  for (const name of options.only) {
    signal.throwIfAborted();
    progress.step(`starting ${name}`);
    const contender = await startContender(name, options.on, built);
    contenders.push(contender);
    opening.defer(() => contender.stop());
  }
  // Whatever waits for a subscriber waits no longer.
  signal.addEventListener('abort', () => void dismiss());

  const idles = new Map<ContenderName, Idle>();
  if (options.scenarios.includes('idle') && options.subscribers === undefined) {
    for (const contender of contenders) {
      progress.step(`${options.idle} idle connections: ${contender.name}`);
      const groups = { before: others, subscribers };
      idles.set(contender.name, await measureIdle(contender, options.idle, groups, signal));
    }
    console.log(`${idleTable(idles, options.idle)}\n`);
  }
  const course: Course = {
    seconds: options.seconds,
    warmUpSeconds: options.warmUp,
    bytes: options.bytes,
    inFlight: options.inFlight,
    reactions: 3,
    signal,
  };
  const measured: Measured[] = [];
  for (const one of scenarios) {
    const racing = contenders.filter(({ name }) => one.who.includes(name));
    const rounds = await race(one, racing, options.rounds, subscribers, course, progress);
    measured.push({ scenario: one, rounds });
    console.log(`${scenarioTable({ scenario: one, rounds })}\n`);
  }
  progress.end();
  const goals = goalsTable(measured, idles);
  if (goals !== null) console.log(`${goals}\n`);
}

/** The figures of each round. */
async function race(
  one: Scenario,
  contenders: readonly Contender[],
  rounds: number,
  subscribers: Subscribers,
  course: Course,
  progress: Progress,
): Promise<readonly ReadonlyMap<ContenderName, Figures>[]> {
  const results: Map<ContenderName, Figures>[] = [];
  for (let round = 0; round < rounds; round++) {
    const figures = new Map<ContenderName, Figures>();
    // The order moves on by one each round, so that nobody always follows the same one.
    for (let i = 0; i < contenders.length; i++) {
      const contender = contenders[(i + round) % contenders.length];
      if (contender === undefined) continue;
      course.signal.throwIfAborted();
      progress.step(`${one.title}: ${contender.name}`);
      try {
        figures.set(contender.name, await takeTurn(contender, one, subscribers, course));
      } catch (error) {
        throw new Error(`${contender.name}, ${one.title}`, { cause: error });
      }
    }
    results.push(figures);
  }
  return results;
}

function scenariosOf({ subscribers, rate, scenarios }: Options): readonly Scenario[] {
  if ((subscribers === undefined) !== (rate === undefined)) {
    throw new Error('--subscribers and --rate go together.');
  }
  if (subscribers !== undefined && rate !== undefined) return [ownScenario(subscribers, rate)];
  return scenarios.filter((name): name is ScenarioName => name !== 'idle').map(scenario);
}

function stepsOf({ only, rounds, scenarios, subscribers }: Options, races: readonly Scenario[]): number {
  const idle = scenarios.includes('idle') && subscribers === undefined ? only.length : 0;
  const turns = races.map(({ who }) => who.filter((name) => only.includes(name)).length * rounds);
  return 1 + only.length + idle + turns.reduce((all, some) => all + some, 0);
}
