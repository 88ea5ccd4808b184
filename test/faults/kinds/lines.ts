/** What happens between one replica and one store: the line is slow, or cut. All nodes of Cassandra are one store here. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Link } from '../network.ts';
import type { Step } from '../plan.ts';
import type { Recorder } from '../recorder.ts';
import type { World } from '../world.ts';
import { awaitStatus } from './readiness.ts';

/** A probe has 2 s to answer: who waits so long has asked at least twice. */
const TELLS_WITHIN_MS = 6_000;
const WELL_WITHIN_MS = 20_000;

async function along(
  world: World,
  { replica, store }: Step,
  happen: (links: readonly Link[], url: string) => Promise<void>,
) {
  const member = world.members[replica];
  if (member === undefined) throw new Error(`there is no replica ${replica + 1}`);
  await happen(member.links[store], member.replica.url);
}

export const slowDown = (world: World, step: Step): Promise<void> =>
  along(world, step, async (links) => {
    for (const link of links) link.delay(step.delayMs);
    await sleep(step.lastsMs);
    for (const link of links) link.delay(0);
  });

/** Without Redis a replica serves; without the others it says that it is not ready. It recovers by itself. */
export const cutOff = (world: World, step: Step, recorder: Recorder): Promise<void> =>
  along(world, step, async (links, url) => {
    const what = `${step.store} cut off`;
    for (const link of links) link.cut();
    try {
      const wait = sleep(step.lastsMs);
      if (step.store !== 'redis') {
        const told = await awaitStatus(url, 'unready', TELLS_WITHIN_MS);
        recorder.health.push({ what, expected: 'unready', told });
      }
      await wait;
    } finally {
      for (const link of links) link.mend();
    }
    const told = await awaitStatus(url, 'ready', WELL_WITHIN_MS);
    recorder.health.push({ what: `${what}, then whole`, expected: 'ready', told });
  });
