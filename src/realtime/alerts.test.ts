/** Alerts and read marks on two devices that are connected to two replicas: as they come, and after being away. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { memoryLogs } from '../chat/changes/testing/memory-projections.ts';
import type { Channel } from '../chat/channels/port.ts';
import { freshChannel, membershipOf } from '../chat/channels/testing/channels.ts';
import type { LiveEvent } from '../chat/live/port.ts';
import { notificationId } from '../chat/notifications/port.ts';
import { freshTenant } from '../chat/people/testing/tenant.ts';
import { viewerOf } from '../chat/testing/replica.ts';
import type { Viewer } from '../chat/viewer.ts';
import { onEachDatabase } from '../stores/relational/testing/databases.ts';
import { createNetwork } from './testing/lossy-bus.ts';
import { cursor } from './testing/reading.ts';
import { type Follower, follow } from './testing/replicas.ts';
import { startWholeReplica, type WholeReplica } from './testing/whole-replica.ts';

const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 5 });
const tick = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

await onEachDatabase('alerts on two replicas', (relational) => {
  const logs = memoryLogs(4_096);
  const network = createNetwork(Math.random);
  let here: WholeReplica;
  let there: WholeReplica;
  let ada: Viewer;
  let grace: Viewer;
  let alan: Viewer;
  let channel: Channel;
  let followers: Follower[] = [];

  beforeAll(() => {
    here = startWholeReplica('here', relational(), logs, network);
    there = startWholeReplica('there', relational(), logs, network);
  });
  afterAll(async () => {
    await here.close();
    await there.close();
  });
  beforeEach(async () => {
    await Promise.all(followers.map((follower) => follower.stop()));
    followers = [];
    const { organizationId, people } = await freshTenant(relational(), 3);
    const [a, b, c] = people.map(({ id }) => viewerOf(organizationId, id));
    if (a === undefined || b === undefined || c === undefined) throw new Error('three people');
    [ada, grace, alan] = [a, b, c];
    channel = await freshChannel(relational(), {
      organizationId,
      creatorId: ada.userId,
      memberIds: [grace.userId, alan.userId],
    });
  });

  const events = async (replica: WholeReplica, viewer: Viewer, after: readonly string[] = []) => {
    const source = await replica.live.events(viewer, {
      after,
      replayLimit: 1_000,
      connectionId: randomUUID(),
    });
    const follower = follow(source);
    followers.push(follower);
    await until(() => expect(follower.events.some(({ type }) => type === 'CaughtUp')).toBe(true));
    return follower;
  };
  const say = async (
    replica: WholeReplica,
    viewer: Viewer,
    text: string,
    given: { root?: number; to?: string } = {},
  ) => {
    const { message } = await replica.chat.messages.send(viewer, {
      channelId: given.to ?? channel.id,
      text,
      metadata: null,
      clientMessageId: null,
      basis: null,
      threadRoot: given.root === undefined ? null : { channelId: channel.id, seq: given.root },
    });
    return message;
  };
  const notified = ({ events: told }: Follower) =>
    told.filter((event): event is LiveEvent & { type: 'Notified' } => event.type === 'Notified');
  const briefs = (follower: Follower) =>
    notified(follower).map(
      ({ notification, isMissed }) =>
        `${notification.seq} ${notification.reason}${isMissed ? ' missed' : ''}`,
    );
  /** Another device of theirs has heard so many alerts: no more are on their way. */
  let probe: { viewer: Viewer; device: Follower } | null = null;
  const listen = async (viewer: Viewer) => {
    probe = { viewer, device: await events(here, viewer) };
  };
  const heard = (viewer: Viewer, count: number) =>
    until(() => {
      if (probe?.viewer !== viewer) throw new Error('nobody listens for them');
      expect(notified(probe.device)).toHaveLength(count);
    });
  /** The place of a client that has everything up to this message. */
  const place = (seq: number) => cursor(channel.id, seq, 0);

  test('reach every device of who is named, wherever it is, and nobody else', async () => {
    const devices = [await events(here, grace), await events(there, grace)];
    const others = [await events(here, alan), await events(there, ada)];
    await say(there, ada, 'hello @p-1');
    const membership = await membershipOf(relational(), channel, grace.userId);
    for (const device of devices) {
      await until(() => expect(briefs(device)).toEqual(['1 MENTION']));
      expect(notified(device)[0]).toMatchObject({
        channelId: channel.id,
        cursor: null,
        membershipId: membership.id,
        notification: {
          id: notificationId(grace.userId, channel.id, 1),
          organizationId: channel.organizationId,
          userId: grace.userId,
        },
      });
    }
    await tick(50);
    for (const other of others) expect(briefs(other)).toEqual([]);
  });

  test('of direct messages, replies, whole channels and for who wants all come over the bus as well', async () => {
    const dm = await here.chat.channels.openDirectMessage(ada, [grace.userId]);
    const device = await events(here, grace);
    await there.chat.memberships.updateSettings(grace, { channelId: channel.id, notifyAlways: true });
    await say(there, ada, 'psst', { to: dm.id });
    await until(() => expect(briefs(device)).toEqual(['1 DIRECT_MESSAGE']));
    await say(there, ada, '@channel');
    await until(() => expect(briefs(device)).toHaveLength(2));
    await say(there, ada, 'plain');
    await until(() => expect(briefs(device).slice(1)).toEqual(['1 MENTION', '2 NOTIFY_ALWAYS']));
    await say(here, grace, 'a reply', { root: 1 });
    await say(there, ada, 'an answer', { root: 1 });
    await until(() => expect(briefs(device)[3]).toBe('2 THREAD_REPLY'));
    expect(notified(device)[3]?.channelId).not.toBe(channel.id);
  });

  test('of one channel come to a subscription of that channel alone', async () => {
    const other = await freshChannel(relational(), {
      organizationId: channel.organizationId,
      memberIds: [ada.userId, grace.userId],
    });
    const options = { after: null, replayLimit: 10, connectionId: 'c' };
    const device = follow(await here.live.channelEvents(grace, { channelId: other.id, ...options }));
    followers.push(device);
    await say(there, ada, '@p-1');
    await say(there, ada, '@p-1 here', { to: other.id });
    await until(() => expect(notified(device).map((event) => event.channelId)).toEqual([other.id]));
  });

  describe('after being away', () => {
    test('what is unread since the client’s places is told once, after Ready and before the replays end', async () => {
      await listen(grace);
      await say(here, ada, 'seen @p-1');
      await say(here, ada, '@p-1');
      await say(here, ada, 'plain');
      await say(here, ada, '@channel');
      await say(here, ada, '@here');
      await heard(grace, 4);
      const device = await events(there, grace, [place(1)]);
      await until(() => expect(device.events.at(-1)).toMatchObject({ type: 'CaughtUp', channelId: null }));
      expect(briefs(device)).toEqual(['2 MENTION missed', '4 MENTION missed']);
      const types = device.events.map(({ type }) => type);
      expect(types.slice(0, 3)).toEqual(['Ready', 'Notified', 'Notified']);
      await say(here, ada, '@p-1 again');
      await until(() => expect(briefs(device).slice(2)).toEqual(['6 MENTION']));
    });

    test('nothing is told that was read elsewhere, is muted, or is before anything the client has', async () => {
      await listen(grace);
      await say(here, ada, '@p-1');
      await say(here, ada, '@p-1');
      await heard(grace, 2);
      await here.chat.memberships.markRead(grace, { channelId: channel.id, seq: 1, markUnread: false });
      expect(briefs(await events(there, grace, [place(0)]))).toEqual(['2 MENTION missed']);
      expect(briefs(await events(there, grace))).toEqual([]);
      await here.chat.memberships.updateSettings(grace, { channelId: channel.id, isMuted: true });
      expect(briefs(await events(there, grace, [place(0)]))).toEqual([]);
    });

    test('replies in threads of a channel that the client has are told while they are unread', async () => {
      await listen(ada);
      await say(here, ada, 'root');
      await say(here, grace, 'a reply', { root: 1 });
      await heard(ada, 1);
      const [reply] = (await here.chat.notifications.page(ada, { limit: 1, backward: false })).items;
      const device = await events(there, ada, [place(1)]);
      expect(briefs(device)).toEqual(['1 THREAD_REPLY missed']);
      expect(notified(device)[0]?.channelId).toBe(reply?.node.channelId);
    });

    test('an alert that is on its way while the client comes back is told once', async () => {
      await listen(grace);
      await say(here, ada, 'first');
      await say(here, ada, '@p-1');
      await heard(grace, 1);
      const { items } = await here.chat.notifications.page(grace, { limit: 1, backward: false });
      const [own] = items.map(({ node }) => node);
      if (own === undefined) throw new Error('grace was named');
      const device = await events(there, grace, [place(1)]);
      const { id: membershipId } = await membershipOf(relational(), channel, grace.userId);
      // Published by a slow replica after the list of what was missed had been read.
      here.publisher.notified({ notification: own, membershipId, isMuted: false, parentId: null });
      await tick(50);
      expect(briefs(device)).toEqual(['2 MENTION missed']);
    });
  });

  test('an alert of before Ready that was not among what was missed says that it is late', async () => {
    const device = await events(there, grace);
    const { id: membershipId } = await membershipOf(relational(), channel, grace.userId);
    const notification = {
      id: notificationId(grace.userId, channel.id, 9),
      organizationId: channel.organizationId,
      userId: grace.userId,
      channelId: channel.id,
      seq: 9,
      reason: 'MENTION',
      createdAt: new Date(Date.now() - 60_000),
    } as const;
    here.publisher.notified({ notification, membershipId, isMuted: false, parentId: null });
    await until(() => expect(briefs(device)).toEqual(['9 MENTION missed']));
  });

  test('what waits of a channel, and of its threads, is not handed out to who was removed', async () => {
    await say(here, grace, 'root');
    const place = async () => (await here.chat.memberships.ofViewer(grace, [channel.id]))[0]?.checkpoint;
    await until(async () => expect(await place()).toBe(1));
    await listen(grace);
    const source = await there.live.events(grace, { after: [], replayLimit: 10, connectionId: 'c' });
    try {
      for (const type of ['Ready', 'Positions', 'CaughtUp']) {
        expect((await source.next()).value?.type).toBe(type);
      }
      await say(here, ada, 'named @p-1');
      await say(here, ada, 'a reply', { root: 1 });
      await heard(grace, 2);
      await tick(50);
      await there.chat.channels.removeMember(ada, channel.id, grace.userId);
      const next = (await source.next()).value;
      expect(next).toMatchObject({ type: 'ChannelDetached', channelId: channel.id });
    } finally {
      await source.return?.();
    }
  });

  test('of the wrong shape on the user’s topic are dropped, and counted', async () => {
    const device = await events(there, grace);
    const before = there.live.stats().rejected;
    const alert = {
      channelId: channel.id,
      seq: 0,
      reason: 'MENTION',
      at: 1,
      membershipId: 'm',
      parentId: null,
    };
    here.bus.forge(`user:${channel.organizationId}:${grace.userId}`, { from: 'here', alert });
    await until(() => expect(there.live.stats().rejected).toBe(before + 1));
    expect(briefs(device)).toEqual([]);
  });

  describe('two devices', () => {
    const read = async (replica: WholeReplica) =>
      (await replica.chat.memberships.ofViewer(grace, [channel.id]))[0]?.checkpoint;
    const moves = ({ events: told }: Follower) =>
      told.filter(({ type }) => type === 'MembershipUpdated').length;

    test('follow each other’s read marks: reading, marking unread, own sends, settings', async () => {
      for (let i = 0; i < 3; i += 1) await say(here, ada, `number ${i}`);
      const [first, second] = [await events(here, grace), await events(there, grace)];
      const mark = (replica: WholeReplica, seq: number, markUnread = false) =>
        replica.chat.memberships.markRead(grace, { channelId: channel.id, seq, markUnread });
      let told = 0;
      const bothHear = async (checkpoint: number) => {
        told += 1;
        await until(() => expect([moves(first), moves(second)]).toEqual([told, told]));
        expect([await read(here), await read(there)]).toEqual([checkpoint, checkpoint]);
      };
      await mark(here, 2);
      await bothHear(2);
      await mark(there, 1, true);
      await bothHear(1);
      await mark(here, 3);
      await bothHear(3);
      await say(there, grace, 'own');
      await bothHear(4);
      await there.chat.memberships.updateSettings(grace, { channelId: channel.id, isMuted: true });
      await bothHear(4);
    });

    test('that send within milliseconds leave nothing of their own unread', async () => {
      for (let round = 0; round < 10; round += 1) {
        await Promise.all(
          [here, there, here, there, there].map((replica, i) => say(replica, grace, `${round} ${i}`)),
        );
      }
      await until(async () => expect(await read(here)).toBe(50));
      await say(here, ada, 'foreign');
      await Promise.all([here, there].map((replica) => say(replica, grace, 'own')));
      await tick(100);
      expect(await read(here)).toBe(50);
    });
  });
});
