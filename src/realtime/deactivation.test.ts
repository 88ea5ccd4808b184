/** A person is deactivated: nothing of theirs goes on anywhere, nor begins, when that has returned. */
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../chat/clock.ts';
import { silentLogger } from '../chat/logger.ts';
import type { Deactivation } from './revocation.ts';
import { Revocations } from './revocations.ts';
import { sleep, until } from './testing/reading.ts';
import { follow, type Installation, installation, quick, type Replica } from './testing/replicas.ts';

const NEVER = 1_000_000;

let all: Installation;
afterEach(() => all.close());

const begin = (): readonly [Replica, Replica] => {
  all = installation({ timings: { revokeMs: NEVER, silentMs: NEVER, interruptedMs: NEVER } });
  return [all.replica(), all.replica()];
};
const subscribe = ({ live }: Replica, user: string, connectionId = user) =>
  live.events(all.viewer(user), { after: [], replayLimit: 100, connectionId });
/** As Postgres has it, and as the command tells it. */
const deactivate = (userId: string): Deactivation => {
  const nothing = { channelId: null, membershipId: null, mayStillRead: false } as const;
  const who = { organizationId: all.organizationId, userId, ...nothing, reason: 'DEACTIVATED' } as const;
  const { rev } = all.leases.commit(who);
  return { ...who, membershipRev: rev };
};
/** The command, which is no replica: it comes for this, tells and waits. */
async function tell(deactivation: Deactivation, isCut = false): Promise<void> {
  const bus = all.network.bus();
  if (isCut) bus.cut(true);
  const revocations = new Revocations({
    bus,
    replicaId: 'command',
    leases: all.leases.store,
    clock: systemClock,
    timings: { ...quick, revokeMs: NEVER },
    logger: silentLogger,
  });
  await revocations.revoke(deactivation);
  revocations.close();
  await bus.close();
}
const knowEachOther = (...replicas: readonly Replica[]) =>
  until(() =>
    expect(replicas.map((r) => r.live.stats().replicas)).toEqual(replicas.map(() => replicas.length)),
  );

test.each(['up', 'down'])(
  'with the bus %s: all subscriptions end everywhere, and nobody else’s',
  async (bus) => {
    const [a, b] = begin();
    const channel = all.channel('ada', 'grace');
    const ada = [follow(await subscribe(a, 'ada')), follow(await subscribe(b, 'ada'))];
    const grace = follow(await subscribe(b, 'grace'));
    await knowEachOther(a, b);
    const told: unknown[] = [];
    for (const { live, id } of [a, b])
      live.onShutOut(async ({ userId }) => void told.push(`${id} ${userId}`));
    if (bus === 'down') for (const replica of [a, b]) replica.bus.cut(true);
    await tell(deactivate('ada'), bus === 'down');
    for (const { ended } of ada) expect(await ended).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(told.toSorted()).toEqual([`${a.id} ada`, `${b.id} ada`]);
    await b.say(channel);
    await until(() => expect(grace.events.at(-1)?.type).toBe('MessagePosted'));
    await grace.stop();
  },
);

test('who was looked up before is let into nothing any more', async () => {
  const [a, b] = begin();
  all.channel('ada');
  await knowEachOther(a, b);
  const viewer = all.viewer('ada');
  await tell(deactivate('ada'));
  for (const { live } of [a, b]) {
    const beginning = live.events(viewer, { after: [], replayLimit: 100, connectionId: 'c' });
    await expect(beginning).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(live.stats()).toMatchObject({ sessions: 0, channels: 0 });
  }
});

test('a subscription that is beginning ends', async () => {
  const [a, b] = begin();
  all.channel('ada');
  await knowEachOther(a, b);
  let isFirst = true;
  all.memberships.beforeAnswer = async () => {
    if (!isFirst) return;
    isFirst = false;
    await tell(deactivate('ada'));
  };
  await expect(subscribe(a, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  expect(a.live.stats()).toMatchObject({ sessions: 0, channels: 0 });
});

test('it waits until those who close sockets have done so', async () => {
  const [a, b] = begin();
  await knowEachOther(a, b);
  const closing = Promise.withResolvers<void>();
  b.live.onShutOut(() => closing.promise);
  let isDone = false;
  const done = tell(deactivate('ada')).then(() => {
    isDone = true;
  });
  await sleep(150);
  expect(isDone).toBe(false);
  closing.resolve();
  await done;
});

test('the same name in another organization is somebody else', async () => {
  const [a, b] = begin();
  const channel = all.channel('ada');
  const ada = follow(await subscribe(b, 'ada'));
  await knowEachOther(a, b);
  await tell({ ...deactivate('nobody'), organizationId: 'another', userId: 'ada', membershipRev: null });
  await b.say(channel);
  await until(() => expect(ada.events.at(-1)?.type).toBe('MessagePosted'));
  await ada.stop();
});
