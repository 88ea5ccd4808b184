/** What happens to replicas: they die, they freeze, they are replaced in good order, their clocks are set. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Step } from '../plan.ts';
import type { Recorder } from '../recorder.ts';
import type { Member, World } from '../world.ts';
import { awaitStatus } from './readiness.ts';

const CLOCK_RIGHT_MS = 10_000;

const memberOf = ({ members }: World, { replica }: Step): Member => {
  const member = members[replica];
  if (member === undefined) throw new Error(`there is no replica ${replica + 1}`);
  return member;
};

/** Killed without a word; another takes its place, as a supervisor would have it. */
export async function killReplica(world: World, step: Step, recorder: Recorder): Promise<void> {
  const member = memberOf(world, step);
  const { replica } = member;
  await recorder.whileAbsent(replica.url, async () => {
    await replica.end('SIGKILL');
    world.places.remove(replica);
  });
  world.members.splice(world.members.indexOf(member), 1);
  await sleep(step.lastsMs);
  await world.startMember();
}

/** The new one is there before the old one is told to end, which answers all that it has begun to. */
export async function restartReplica(world: World, step: Step): Promise<void> {
  const member = memberOf(world, step);
  await world.startMember();
  world.places.remove(member.replica);
  world.members.splice(world.members.indexOf(member), 1);
  await member.replica.end('SIGTERM');
}

/** It does nothing, holds its connections, and goes on as if nothing had been. */
export async function freezeReplica(world: World, step: Step, recorder: Recorder): Promise<void> {
  const { replica } = memberOf(world, step);
  await recorder.whileAbsent(replica.url, async () => {
    replica.pause();
    await sleep(step.lastsMs);
    replica.resume();
    // What came meanwhile is answered at once, and takes a moment.
    await sleep(1_000);
  });
}

/** A replica whose clock is wrong says so, and spoils no order. */
export async function setClock(world: World, step: Step, recorder: Recorder): Promise<void> {
  const { replica, setClock } = memberOf(world, step);
  const what = `a clock ${Math.round(step.clockMs / 1_000)} s off`;
  await setClock(step.clockMs);
  const [told] = await Promise.all([
    awaitStatus(replica.url, 'unready', CLOCK_RIGHT_MS),
    sleep(step.lastsMs),
  ]);
  recorder.health.push({ what, expected: 'unready', told });
  await setClock(0);
  const after = await awaitStatus(replica.url, 'ready', CLOCK_RIGHT_MS);
  recorder.health.push({ what: `${what}, then right`, expected: 'ready', told: after });
}
