/** Subscriptions whose events are asked for one by one, as over HTTP, while this edge has no live lease. */
import { afterEach, expect, test } from 'vitest';
import { seqs, sleep, until } from './testing/reading.ts';
import { follow, type Installation, installation, type Replica } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

const subscribe = ({ live }: Replica, user: string) =>
  live.events(all.viewer(user), { after: [], replayLimit: 100, connectionId: user });

test('nothing is given while Postgres is away for longer than a lease; all of it comes afterwards, in order', async () => {
  all = installation({ timings: { leaseMs: 120, leaseMarginMs: 20, renewMs: 20 } });
  const edge = all.replica();
  const channel = all.channel('ada');
  const ada = follow(await subscribe(edge, 'ada'));
  await edge.say(channel);
  await until(() => expect(seqs(ada.events)).toEqual([1]));
  all.leases.isDown = true;
  await until(() => expect(edge.lease?.isOpen()).toBe(false));
  await edge.say(channel);
  await edge.say(channel);
  await sleep(50);
  expect(seqs(ada.events)).toEqual([1]);
  all.leases.isDown = false;
  await until(() => expect(seqs(ada.events)).toEqual([1, 2, 3]));
  await ada.stop();
});

test('what ended meanwhile is cut before anything is given again, and who is left has missed nothing', async () => {
  all = installation({
    timings: { leaseMs: 120, leaseMarginMs: 20, renewMs: 20, silentMs: 1_000_000, interruptedMs: 1_000_000 },
  });
  const [edge, other] = [all.replica(), all.replica()];
  const channel = all.channel('ada', 'grace');
  const [ada, grace] = [follow(await subscribe(edge, 'ada')), follow(await subscribe(edge, 'grace'))];
  await until(() =>
    expect([ada, grace].map(({ events }) => events.at(-1)?.type)).toEqual(['CaughtUp', 'CaughtUp']),
  );
  all.leases.isDown = true;
  await until(() => expect(edge.lease?.isOpen()).toBe(false));
  // Nobody tells of the removal: what the edge finds when its lease is renewed must do.
  all.memberships.leave(channel, 'ada');
  await edge.say(channel);
  await other.say(channel);
  all.leases.isDown = false;
  await until(() => expect(seqs(grace.events)).toEqual([1, 2]));
  await until(() => expect(ada.events.at(-1)?.type).toBe('ChannelDetached'));
  expect(seqs(ada.events)).toEqual([]);
  await Promise.all([ada.stop(), grace.stop()]);
});

test('when what ended cannot be told, everybody comes back and asks anew', async () => {
  all = installation({ timings: { leaseMs: 120, leaseMarginMs: 20, renewMs: 20 } });
  const edge = all.replica();
  all.channel('ada');
  const ada = follow(await subscribe(edge, 'ada'));
  await until(() => expect(ada.events.at(-1)?.type).toBe('CaughtUp'));
  all.leases.isDown = true;
  await until(() => expect(edge.lease?.isOpen()).toBe(false));
  all.memberships.leave(all.channel('grace'), 'grace');
  all.leases.forget();
  all.leases.isDown = false;
  expect(await ada.ended).toMatchObject({ name: 'ResumeRequired' });
});
