/**
 * `npm run test:faults -- --seconds 300 --seed 1`: two organizations on three replicas and three Cassandra nodes, and a server
 * on SQLite beside them, all under use, while twelve kinds of faults happen in an order drawn from the seed. Ends with
 * what was measured; with status 1 when a promise was broken.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { positive, someOf } from '../../bench/arguments.ts';
import { startProgress } from '../../bench/progress.ts';
import { historyOf } from './aftermath.ts';
import { type Crew, gatherCrew } from './crew.ts';
import { judge } from './invariants/all.ts';
import { faults } from './kinds/all.ts';
import { type Kind, kinds, named, planOf, ROUND_SECONDS, stores } from './plan.ts';
import { Recorder } from './recorder.ts';
import { report } from './report.ts';
import { openWorld, type World } from './world.ts';

/** The first is hot: its writers meet on all replicas. */
const WRITERS = [10, 2, 1, 1, 1, 1];
const WRITERS_ALONE = [4, 1];

const { seconds, seed, only } = new Command('npm run test:faults --')
  .description('Faults of replicas, stores and lines under load; see test/faults/main.ts')
  .option('--seconds <s>', 'how long things go wrong', positive, 300)
  .option(
    '--seed <n>',
    'plays the plan of faults of an earlier run again',
    positive,
    1 + Math.floor(Math.random() * 1e6),
  )
  .option('--only <kinds>', `of ${kinds.join(', ')}`, someOf(kinds), [...kinds])
  .parse()
  .opts<{ seconds: number; seed: number; only: Kind[] }>();

process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
  console.log(`seed ${seed}: npm run test:faults -- --seconds ${seconds} --seed ${seed}`);
  const world = await openWorld();
  // Whoever breaks it off leaves no servers behind.
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void world.stop().finally(() => process.exit(130)));
  const crews: Crew[] = [];
  try {
    const recorder = new Recorder();
    const stop = new AbortController();
    const [acme, globex]: [string[], string[]] = [[], []];
    const { fleet, places, solo } = world;
    crews.push(
      ...(await Promise.all([
        gatherCrew(
          fleet,
          places,
          { organization: 'acme', writers: WRITERS },
          globex,
          acme,
          stop.signal,
          recorder,
        ),
        gatherCrew(
          fleet,
          places,
          { organization: 'globex', writers: WRITERS },
          acme,
          globex,
          stop.signal,
          recorder,
        ),
        gatherCrew(
          solo.fleet,
          solo.places,
          { organization: 'acme', writers: WRITERS_ALONE },
          null,
          [],
          stop.signal,
          recorder,
        ),
      ])),
    );
    recorder.gaveUp.push(...linesNotTaken(world));
    const done = await goWrong(world, recorder);
    stop.abort();
    await Promise.all(crews.map((crew) => crew.done));
    const history = await historyOf(crews, recorder);
    const broken = judge(history);
    const comings = crews
      .flatMap((crew) => crew.channels.flatMap(({ listeners }) => listeners))
      .reduce((sum, listener) => sum + listener.connections(), 0);
    console.log(`\n${report(history, broken, done, comings)}`);
    if (broken.size > 0)
      console.log(`\nplay it again: npm run test:faults -- --seconds ${seconds} --seed ${seed}`);
    return broken.size === 0;
  } finally {
    await Promise.all(crews.map((crew) => crew.stop()));
    await world.stop();
  }
}

/** A line that nobody takes can be cut without anybody noticing: such a run would show nothing. */
function linesNotTaken({ members }: World): string[] {
  return members.flatMap(({ replica, links }) =>
    stores
      .filter((store) => links[store].some((link) => link.taken() === 0))
      .map((store) => `${replica.url} goes to ${store} by another way`),
  );
}

/** One fault after the other until the time is over; each is ended in good order. In a short run each happens once all the same. */
async function goWrong(world: World, recorder: Recorder): Promise<ReadonlyMap<string, number>> {
  const plan = planOf(seed, Math.min(1, seconds / ROUND_SECONDS), only);
  const began = performance.now();
  const elapsed = (): number => (performance.now() - began) / 1_000;
  const done = new Map<string, number>();
  const progress = startProgress(only.length * Math.max(1, Math.round(seconds / ROUND_SECONDS)));
  try {
    // Unless the machine is too slow for that.
    for (let i = 0; elapsed() < (i < only.length ? 3 * seconds : seconds); i++) {
      const step = plan.next();
      progress.step(named(step));
      console.log(`${elapsed().toFixed(0).padStart(4)} s  ${named(step)}`);
      await sleep(step.calmMs);
      await faults[step.kind](world, step, recorder);
      done.set(step.kind, (done.get(step.kind) ?? 0) + 1);
    }
    return done;
  } finally {
    progress.end();
  }
}
