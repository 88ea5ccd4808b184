import { afterEach, describe, expect, test } from 'vitest';
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

describe('a subscription that begins while the membership ends', () => {
  /** Postgres has answered "a member", and before the answer arrives the membership ends and is revoked everywhere. */
  const removeBeforeAnswer = (from: Replica, channelId: string): { removed: () => Promise<void> | null } => {
    let removed: Promise<void> | null = null;
    all.memberships.beforeAnswer = async () => {
      if (removed !== null) return;
      removed = remove(from, channelId, 'ada');
      await removed;
    };
    return { removed: () => removed };
  };

  test.each(['the same replica', 'another replica'])('on %s, gets nothing of the channel', async (where) => {
    const [a, b, c] = begin();
    await knowEachOther(a, b, c);
    const [channel, other] = [all.channel('ada'), all.channel('ada')];
    const race = removeBeforeAnswer(where === 'another replica' ? a : b, channel);
    const ada = followed(await subscribe(b, 'ada'));
    expect(race.removed()).not.toBeNull();
    await a.say(channel);
    await a.say(other);
    await until(() => expect(ada.events.at(-1)?.type).toBe('MessagePosted'));
    const positions = ada.events.flatMap((e) => (e.type === 'Positions' ? e.positions : []));
    expect(positions.map((p) => p.channelId)).toEqual([other]);
    expect(ada.events.filter((e) => e.channelId === channel)).toEqual([]);
  });

  test('of one channel: is refused', async () => {
    const [a, b, c] = begin();
    await knowEachOther(a, b, c);
    const channel = all.channel('ada');
    removeBeforeAnswer(a, channel);
    await expect(subscribeOne(b, 'ada', channel)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(b.live.stats()).toMatchObject({ sessions: 0, channels: 0 });
  });

  test('while its channels are being opened: gets nothing of it either', async () => {
    const [a, b, c] = begin();
    await knowEachOther(a, b, c);
    const channel = all.channel('ada');
    all.messages.delayMs = 50;
    const beginning = subscribe(b, 'ada');
    await until(() => expect(b.live.stats().channels).toBe(1));
    await remove(a, channel, 'ada');
    const ada = followed(await beginning);
    await a.say(channel);
    await until(() => expect(ada.events.at(-1)?.type).toBe('CaughtUp'));
    await sleep(50);
    expect(ada.events.map((e) => e.type)).toEqual(['Ready', 'CaughtUp']);
  });

  test('when the join itself is what is being looked up: the same', async () => {
    const [a, b, c] = begin();
    await knowEachOther(a, b, c);
    const ada = followed(await subscribe(b, 'ada'));
    await until(() => expect(ada.events.length).toBe(2));
    const channel = all.channel();
    removeBeforeAnswer(a, channel);
    const membershipId = all.memberships.join(channel, 'ada');
    const who = { organizationId: all.organizationId, userId: 'ada', channelId: channel };
    a.publisher.membershipChanged({ ...who, membershipId, isNew: true });
    await until(() => expect(all.memberships.reads).toBeGreaterThan(2));
    await a.say(channel);
    await sleep(50);
    expect(ada.events.filter((e) => e.channelId === channel)).toEqual([]);
  });
});
