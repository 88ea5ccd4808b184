import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LiveEvent } from '../chat/live/port.ts';
import { sleep, until } from './testing/reading.ts';
import {
  type Follower,
  follow,
  type Installation,
  type InstallationOptions,
  installation,
  type Replica,
} from './testing/replicas.ts';

/** Longer than any test: what returns all the same did not wait for the deadline. */
const NEVER = 1_000_000;

let all: Installation;
const followers: Follower[] = [];
const begin = (options: InstallationOptions = {}): [Replica, Replica, Replica] => {
  all = installation({ ...options, timings: { revokeMs: NEVER, ...options.timings } });
  return [all.replica(), all.replica(), all.replica()];
};
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop();
  await all.close();
});

const subscribe = ({ live }: Replica, user: string): Promise<AsyncIterableIterator<LiveEvent>> =>
  live.events(all.viewer(user), { after: [], replayLimit: 1_000, connectionId: 'c' });
const subscribeOne = ({ live }: Replica, user: string, channelId: string) =>
  live.channelEvents(all.viewer(user), { channelId, after: null, replayLimit: 1_000, connectionId: 'c' });
const followed = (iterator: AsyncIterableIterator<LiveEvent>): Follower => {
  const follower = follow(iterator);
  followers.push(follower);
  return follower;
};
const knowEachOther = (...replicas: Replica[]): Promise<void> =>
  until(() =>
    expect(replicas.map((r) => r.live.stats().replicas)).toEqual(replicas.map(() => replicas.length)),
  );

/** Ends the membership and makes it so everywhere, as the domain does. */
const remove = ({ publisher }: Replica, channelId: string, userId: string): Promise<void> =>
  publisher.revoke(all.memberships.leave(channelId, userId));

describe('revoke', () => {
  test('cuts the user’s subscriptions on every replica before it returns, and nobody else’s', async () => {
    // Whoever asks Postgres again, on a machine so busy that replicas seem silent, may find the membership gone before
    // the removal is carried out; then the session is told by `null` which membership ended. Not here.
    const [a, b, c] = begin({
      timings: { silentMs: NEVER, goneMs: NEVER, interruptedMs: NEVER, leaseMs: NEVER },
    });
    const [channel, other] = [all.channel('grace'), all.channel('ada')];
    const membershipId = all.memberships.join(channel, 'ada');
    const [ada1, ada2] = [followed(await subscribe(a, 'ada')), followed(await subscribe(b, 'ada'))];
    const grace = followed(await subscribe(b, 'grace'));
    await knowEachOther(a, b, c);
    const writing = (async () => {
      for (let i = 0; i < 100; i += 1) {
        await [a, b, c][i % 3]?.say(channel);
        await sleep(1);
      }
    })();
    await sleep(30);
    await remove(c, channel, 'ada');
    const told = [ada1, ada2].map(({ events }) => events.length);
    await writing;
    await c.say(other);
    for (const [i, ada] of [ada1, ada2].entries()) {
      await until(() => expect(ada.events.at(-1)?.channelId).toBe(other));
      const after = ada.events.slice(told[i]).filter((e) => e.channelId === channel);
      expect(after.filter((e) => e.type !== 'ChannelDetached')).toEqual([]);
      const detached = ada.events.filter((e) => e.type === 'ChannelDetached');
      expect(detached).toEqual([
        {
          type: 'ChannelDetached',
          channelId: channel,
          cursor: null,
          membershipId,
          reason: 'REMOVED',
        },
      ]);
    }
    await until(() => expect(grace.events.filter((e) => e.type === 'MessagePosted').length).toBe(100));
  });

  test('drops what waits in the queue, and what a replay had read', async () => {
    const [a, b] = begin();
    const channel = all.channel('ada');
    const live = await subscribe(b, 'ada');
    const after = [];
    for (let i = 0; i < 3; i += 1) after.push(await live.next());
    const replayed = await b.live.events(all.viewer('ada'), {
      after: after.flatMap((r) =>
        r.value?.type === 'Positions' ? r.value.positions.map((p: { cursor: string }) => p.cursor) : [],
      ),
      replayLimit: 1_000,
      connectionId: 'c',
    });
    for (let i = 0; i < 5; i += 1) await b.say(channel);
    // Ready, and the first message: the next ones are read already.
    const ready = [await replayed.next(), await replayed.next()];
    expect(ready.map((r) => r.value?.type)).toEqual(['Ready', 'MessagePosted']);
    const dealtWith = replayed.next();
    expect((await dealtWith).value?.type).toBe('MessagePosted');
    const removed = remove(b, channel, 'ada');
    const [next, last] = [await live.next(), await replayed.next()];
    expect([next.value?.type, last.value?.type].map(String)).not.toContain('MessagePosted');
    await removed;
    for (const iterator of [live, replayed]) await iterator.return?.();
    expect(a.live.stats().sessions).toBe(0);
  });

  test('waits until an event that was handed out before has been dealt with', async () => {
    const [a, b, c] = begin();
    const channel = all.channel('ada');
    const iterator = await subscribe(b, 'ada');
    for (let i = 0; i < 3; i += 1) await iterator.next();
    await knowEachOther(a, b, c);
    await a.say(channel);
    expect((await iterator.next()).value?.type).toBe('MessagePosted');
    let isDone = false;
    const removed = remove(a, channel, 'ada').then(() => {
      isDone = true;
    });
    await sleep(100);
    expect(isDone).toBe(false);
    // The socket took it, and the consumer asks for the next one.
    const next = iterator.next();
    await removed;
    expect((await next).value?.type).toBe('ChannelDetached');
    await iterator.return?.();
  });

  test('does not wait for edges that have ended, nor for replicas that are none', async () => {
    const [a, b, c] = begin();
    const api = all.replica({ isEdge: false });
    await knowEachOther(a, b, c, api);
    api.bus.cut(false);
    const channel = all.channel('ada');
    for (const replica of [b, c]) {
      await replica.live.close();
      await replica.publisher.close();
      await replica.bus.close();
    }
    await remove(a, channel, 'ada');
  });

  test('edges that the bus does not reach cut with the next renewal of their lease, and it waits for that', async () => {
    // Nothing but the lease makes anybody look.
    const [a, b, c] = begin({ timings: { silentMs: NEVER, interruptedMs: NEVER } });
    const channel = all.channel('ada');
    const told = [followed(await subscribe(b, 'ada')), followed(await subscribe(c, 'ada'))];
    await knowEachOther(a, b, c);
    b.bus.cut(false);
    c.bus.cut(true);
    await remove(a, channel, 'ada');
    for (const ada of told) expect(ada.events.at(-1)?.type).toBe('ChannelDetached');
  });

  test('an edge that dies without a word is waited for until its lease has lapsed', async () => {
    const [a] = begin();
    await all.leases.store.extend('dead', 7, 150);
    let isDone = false;
    const removed = remove(a, all.channel('ada'), 'ada').then(() => {
      isDone = true;
    });
    await sleep(50);
    expect(isDone).toBe(false);
    await removed;
    expect((await all.leases.store.live()).map(({ edgeId }) => edgeId)).not.toContain('dead');
  });

  test('with Postgres away it returns when every lease must have lapsed, and no sooner', async () => {
    const [a, b, c] = begin({ timings: { revokeMs: 200 } });
    const channel = all.channel('ada');
    await knowEachOther(a, b, c);
    const ended = all.memberships.leave(channel, 'ada');
    all.leases.isDown = true;
    let isDone = false;
    const removed = a.publisher.revoke(ended).then(() => {
      isDone = true;
    });
    await sleep(100);
    expect(isDone).toBe(false);
    await removed;
  });

  test('is confirmed over a bus that loses and repeats much', async () => {
    const [a, b, c] = begin({ faults: { drop: 0.4, repeat: 0.3, unconfirmed: 0.3, delayMs: 5 } });
    const channel = all.channel('ada', 'grace');
    const told = [followed(await subscribe(b, 'ada')), followed(await subscribe(c, 'ada'))];
    await knowEachOther(a, b, c);
    await remove(a, channel, 'ada');
    await a.say(channel);
    for (const ada of told) {
      await until(() => expect(ada.events.filter((e) => e.type === 'ChannelDetached').length).toBe(1));
      expect(ada.events.filter((e) => e.type === 'MessagePosted')).toEqual([]);
    }
  });

  test('found again with the renewal of a lease, after the user was added again, does not interrupt them', async () => {
    const [a, b, c] = begin({ timings: { leaseMs: NEVER, renewMs: NEVER, silentMs: NEVER } });
    const channel = all.channel('ada');
    const ada = followed(await subscribe(b, 'ada'));
    await knowEachOther(a, b, c);
    await remove(a, channel, 'ada');
    const membershipId = all.memberships.join(channel, 'ada');
    const who = { organizationId: all.organizationId, userId: 'ada', channelId: channel };
    a.publisher.membershipChanged({ ...who, membershipId, isNew: true });
    await until(() => expect(ada.events.at(-1)?.type).toBe('MembershipUpdated'));
    const carried = async () =>
      (await all.leases.store.live()).find(({ edgeId }) => edgeId === b.id)?.carried;
    const before = (await carried()) ?? 0;
    b.lease?.hurry();
    await vi.waitFor(async () => expect(await carried()).toBeGreaterThan(before));
    await a.say(channel);
    await until(() => expect(ada.events.at(-1)?.type).toBe('MessagePosted'));
    expect(ada.events.filter((event) => event.type === 'ChannelDetached')).toHaveLength(1);
  });

  test('said again late, after the user was added again, does not keep them out', async () => {
    // Nothing but the revocation itself makes anybody look.
    const [a, b, c] = begin({ timings: { silentMs: NEVER, goneMs: NEVER } });
    const channel = all.channel('ada');
    const ada = followed(await subscribe(b, 'ada'));
    await knowEachOther(a, b, c);
    await remove(a, channel, 'ada');
    await until(() => expect(ada.events.at(-1)?.type).toBe('ChannelDetached'));
    await sleep(50);
    all.memberships.join(channel, 'ada');
    // The same words, which the bus kept for a while and brings now.
    const words = {
      from: a.id,
      requestId: 'late',
      organizationId: all.organizationId,
      userId: 'ada',
      channelId: channel,
    };
    c.bus.forge('revocation', {
      ...words,
      membershipId: 'm',
      membershipRev: 1,
      reason: 'LEFT',
      mayStillRead: false,
    });
    await until(() => expect(ada.events.at(-1)?.type).toBe('MembershipUpdated'));
    await a.say(channel);
    await until(() => expect(ada.events.at(-1)?.type).toBe('MessagePosted'));
  });
});

describe('channelEvents and removal', () => {
  test('ends with ChannelDetached when the viewer may no longer read the channel', async () => {
    const [a, b, c] = begin();
    const channel = all.channel('ada');
    const ada = followed(await subscribeOne(b, 'ada', channel));
    await knowEachOther(a, b, c);
    await remove(a, channel, 'ada');
    expect(await ada.ended).toBeNull();
    expect(ada.events.at(-1)).toMatchObject({
      type: 'ChannelDetached',
      channelId: channel,
      reason: 'REMOVED',
    });
    expect(b.live.stats()).toMatchObject({ sessions: 0, channels: 0 });
  });

  test('goes on when the channel is public', async () => {
    const [a, b, c] = begin();
    const channel = all.channel('ada');
    all.memberships.channel(channel, 'PUBLIC');
    const [one, whole] = [
      followed(await subscribeOne(b, 'ada', channel)),
      followed(await subscribe(b, 'ada')),
    ];
    await knowEachOther(a, b, c);
    await remove(a, channel, 'ada');
    await a.say(channel);
    await until(() => expect(one.events.at(-1)?.type).toBe('MessagePosted'));
    await until(() => expect(whole.events.at(-1)?.type).toBe('ChannelDetached'));
  });
});
