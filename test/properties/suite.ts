/**
 * The promises of the two logs as properties: whatever is drawn (who writes what on how many replicas, what fails,
 * who dies, in which order), all of them hold at the end. A store's test runs this with one line.
 *
 * A failure prints its seed and the smallest run that shows it; PROPERTY_SEED has the same again, PROPERTY_RUNS
 * multiplies the number of runs.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { createChangeLog } from '../../src/chat/changes/change-log.ts';
import { createLog } from '../../src/chat/log/create-log.ts';
import { changesPlan } from './changes-plan.ts';
import type { Stores } from './check-changes.ts';
import { logPlan } from './log-plan.ts';
import { type Dump, playChanges } from './play-changes.ts';
import { playLog } from './play-log.ts';

/** A store with few numbers in a bucket (4, say), so that borders are met often. */
export interface OpenedStores extends Stores {
  readonly dump: Dump;
  close(): Promise<void>;
}

/** On a slow machine as many runs as fit in this: a property is not refuted by being slow. */
const PATIENCE_MS = 150_000;

const times = Number(process.env.PROPERTY_RUNS ?? 1);
const seed = process.env.PROPERTY_SEED;

interface Course {
  readonly runs: number;
  /** Runs side by side: a real store has time for several. */
  readonly lanes: number;
}

async function holds<Plan>(
  plans: fc.Arbitrary<Plan>,
  { runs, lanes }: Course,
  play: (plan: Plan) => Promise<readonly string[]>,
): Promise<void> {
  const property = fc.asyncProperty(plans, async (plan) => {
    const broken = await play(plan);
    if (broken.length > 0) throw new Error(broken.join('\n'));
  });
  const first = seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seed);
  await Promise.all(
    Array.from({ length: lanes }, (_, lane) =>
      fc.assert(property, {
        numRuns: Math.ceil((runs * times) / lanes),
        seed: first + lane,
        interruptAfterTimeLimit: PATIENCE_MS * times,
        // A real store has an order of its own: a smaller run that fails tells no more, and each takes a while.
        endOnFailure: lanes > 1,
      }),
    ),
  );
}

/** @param open the stores that all runs share, each in a channel of its own. */
export function logProperties(name: string, course: Course, open: () => Promise<OpenedStores>): void {
  describe(`whatever happens, on ${name}`, () => {
    let stores: OpenedStores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());
    const timeout = 2 * PATIENCE_MS * times;

    test('the messages are one log without a gap, each send in it once', { timeout }, () =>
      holds(logPlan, course, (plan) => playLog(plan, createLog, stores.messages)),
    );

    test(
      'every change is right on the state before it, shows before it is told, and erases what it deletes',
      { timeout },
      () => holds(changesPlan, course, (plan) => playChanges(plan, createChangeLog, stores, stores.dump)),
    );
  });
}
