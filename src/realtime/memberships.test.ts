/** Subscriptions follow the viewer's memberships: at once when told, and also when nobody told. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeEventCursor } from '../chat/cursors/cursor.ts';
import type { LiveEvent } from '../chat/live/port.ts';
import {
  type Follower,
  follow,
  type Installation,
  type InstallationOptions,
  installation,
  type Replica,
} from './testing/replicas.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 2 });

let all: Installation;
const followers: Follower[] = [];
const begin = (options: InstallationOptions = {}): [Replica, Replica] => {
  all = installation(options);
  return [all.replica(), all.replica()];
};
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop();
  await all.close();
});

async function events({ live }: Replica, user: string): Promise<Follower> {
  const options = { after: [], replayLimit: 1_000, connectionId: 'c' };
  const follower = follow(await live.events(all.viewer(user), options));
  followers.push(follower);
  await until(() => expect(follower.events.at(-1)?.type).toBe('CaughtUp'));
  return follower;
}
const of = (follower: Follower, channelId: string): LiveEvent[] =>
  follower.events.filter((event) => event.channelId === channelId);
const types = (follower: Follower, channelId: string): string[] => of(follower, channelId).map((e) => e.type);

/** Makes the membership and tells of it, as the domain does after its commit. */
function join({ publisher }: Replica, channelId: string, userId: string, isNew = true): string {
  const { organizationId } = all;
  const membershipId = all.memberships.join(channelId, userId);
  publisher.membershipChanged({ organizationId, userId, channelId, membershipId, isNew });
  return membershipId;
}

describe('a membership made while the subscription is live', () => {
  test('is told with its position before anything of the channel, whatever replica made it', async () => {
    const [here, there] = begin();
    const ada = await events(here, 'ada');
    for (const replica of [here, there]) {
      const channel = all.channel();
      await there.say(channel);
      const membershipId = join(replica, channel, 'ada');
      await until(() => expect(of(ada, channel).length).toBe(1));
      await there.say(channel);
      await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated', 'MessagePosted']));
      const [updated, posted] = of(ada, channel);
      expect(updated).toMatchObject({ membershipId, cursor: null });
      const position = updated?.type === 'MembershipUpdated' ? updated.position : null;
      expect(decodeEventCursor(position ?? '')).toMatchObject({ channelId: channel, seq: 1, rev: 0 });
      expect(decodeEventCursor(posted?.cursor ?? '').seq).toBe(2);
    }
  });

  test('is told to every connection of the user, and to nobody else', async () => {
    const [here, there] = begin();
    const [phone, laptop, grace] = [
      await events(here, 'ada'),
      await events(there, 'ada'),
      await events(here, 'grace'),
    ];
    const channel = all.channel();
    join(here, channel, 'ada');
    for (const device of [phone, laptop]) await until(() => expect(of(device, channel).length).toBe(1));
    await there.say(channel);
    for (const device of [phone, laptop]) await until(() => expect(of(device, channel).length).toBe(2));
    expect(of(grace, channel)).toEqual([]);
  });

  test('is found though its publication was not confirmed: the next heartbeat names the user', async () => {
    const [here, there] = begin({ timings: { silentMs: 60_000 } });
    const ada = await events(here, 'ada');
    await until(() => expect(here.live.stats().replicas).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const channel = all.channel();
    // This one publication is lost, and no heartbeat.
    Object.assign(all.network.faults, { drop: 1, unconfirmed: 1 });
    join(there, channel, 'ada');
    Object.assign(all.network.faults, { drop: 0, unconfirmed: 0 });
    await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated']));
  });

  test('is found though its publication was lost: by the routine look', async () => {
    const [here] = begin({ timings: { routineMs: 100 } });
    const ada = await events(here, 'ada');
    const channel = all.channel('ada');
    await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated']));
  });

  test('is found after the bus came back', async () => {
    const never = 1_000_000;
    const [here, there] = begin({ timings: { interruptedMs: never, silentMs: never, beatMs: never } });
    const ada = await events(here, 'ada');
    await new Promise((resolve) => setTimeout(resolve, 50));
    here.bus.cut(true);
    const channel = all.channel();
    join(there, channel, 'ada');
    await new Promise((resolve) => setTimeout(resolve, 20));
    here.bus.restore();
    await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated']));
  });

  test.each([true, false])('is found while the bus is away (told so: %s)', async (isTold) => {
    const [here, there] = begin();
    const ada = await events(here, 'ada');
    here.bus.cut(isTold);
    // Long after the moment in which the silence was noticed.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const channel = all.channel();
    join(there, channel, 'ada');
    await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated']));
    await there.say(channel);
    await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated', 'MessagePosted']));
  });

  test('is found though the subscription began while the bus was away, once its topic is joined', async () => {
    const never = 1_000_000;
    const [here, there] = begin({ timings: { interruptedMs: never, silentMs: never, beatMs: never } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    here.bus.cut(true);
    const ada = await events(here, 'ada');
    const channel = all.channel();
    // After the bus said that it is back, and before the topic is joined.
    here.bus.restore(false);
    await until(() => expect(all.memberships.reads).toBe(2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    here.bus.cut(false);
    join(there, channel, 'ada');
    await new Promise((resolve) => setTimeout(resolve, 20));
    here.bus.joinLate();
    await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated']));
  });

  test('waits for a Postgres or a message store that is down, and is told then', async () => {
    const [here] = begin();
    const ada = await events(here, 'ada');
    const channel = all.channel();
    all.memberships.isDown = true;
    join(here, channel, 'ada');
    await new Promise((resolve) => setTimeout(resolve, 30));
    all.memberships.isDown = false;
    all.messages.isDown = true;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(of(ada, channel)).toEqual([]);
    all.messages.isDown = false;
    await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated']));
    await here.say(channel);
    await until(() => expect(of(ada, channel).length).toBe(2));
  });

  test('garbage on the user’s topic does no harm, and is counted', async () => {
    const [here, there] = begin();
    const ada = await events(here, 'ada');
    there.bus.forge(`user:${all.organizationId}:ada`, { isNew: 'perhaps' });
    const channel = all.channel();
    join(there, channel, 'ada');
    await until(() => expect(types(ada, channel)).toEqual(['MembershipUpdated']));
    expect(here.live.stats().rejected).toBe(1);
  });
});

test('a change of the membership itself is told without a position', async () => {
  const [here, there] = begin();
  const channel = all.channel('ada');
  const ada = await events(here, 'ada');
  const membershipId = join(there, channel, 'ada', false);
  await until(() =>
    expect(of(ada, channel)).toEqual([
      { type: 'MembershipUpdated', channelId: channel, cursor: null, membershipId, position: null },
    ]),
  );
});

test('delivery goes on while Postgres is down', async () => {
  const [here, there] = begin();
  const channel = all.channel('ada');
  const ada = await events(here, 'ada');
  all.memberships.isDown = true;
  await there.say(channel);
  await until(() => expect(types(ada, channel)).toEqual(['MessagePosted']));
});

describe('random joining and leaving, over a bus that loses', () => {
  test.each([1, 2, 3, 4, 5, 6])(
    'seed %i: every subscription ends with the memberships that there are',
    async (seed) => {
      const [here, there] = begin({
        seed,
        faults: { drop: 0.2, repeat: 0.2, delayMs: 4 },
        timings: { routineMs: 100 },
      });
      const users = ['ada', 'grace', 'alan'];
      const channels = Array.from({ length: 6 }, () => all.channel());
      const devices = await Promise.all(
        users.flatMap((user) =>
          [here, there].map(async (replica) => ({ user, told: await events(replica, user) })),
        ),
      );
      const members = new Map<string, string>();
      const revoked: Promise<void>[] = [];
      for (let i = 0; i < 120; i += 1) {
        const [user = '', channelId = ''] = [users[i % 3], channels[Math.floor(all.chance() * 6)]];
        const replica = all.chance() < 0.5 ? here : there;
        const name = `${user}/${channelId}`;
        const membershipId = members.get(name);
        if (membershipId === undefined) {
          members.set(name, join(replica, channelId, user));
        } else {
          members.delete(name);
          all.memberships.leave(channelId, user);
          const { organizationId } = all;
          const who = { organizationId, userId: user, channelId, membershipId };
          const why = { membershipRev: i, reason: 'REMOVED', mayStillRead: false } as const;
          revoked.push(replica.publisher.revoke({ ...who, ...why }));
        }
        await new Promise((resolve) => setTimeout(resolve, all.chance() * 6));
      }
      // A revocation that arrives late cuts also whoever was added again meanwhile; they then start anew.
      await Promise.all(revoked);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await until(() => {
        for (const { user, told } of devices) {
          const attached = channels.filter((channelId) => {
            const last = of(told, channelId).findLast(
              (e) => e.type === 'MembershipUpdated' || e.type === 'ChannelDetached',
            );
            return last?.type === 'MembershipUpdated';
          });
          expect(attached).toEqual(channels.filter((channelId) => members.has(`${user}/${channelId}`)));
        }
      });
      // What is told is also what is delivered.
      await Promise.all(channels.map((channelId) => here.say(channelId, 'last')));
      await until(() => {
        for (const { user, told } of devices) {
          for (const channelId of channels) {
            const last = of(told, channelId).findLast((e) => e.type === 'MessagePosted');
            const isTold = last?.type === 'MessagePosted' && last.row.entry.text === 'last';
            expect(isTold).toBe(members.has(`${user}/${channelId}`));
          }
        }
      });
    },
  );
});
