/** What every adapter of NotificationStore keeps. Call within a describe. */
import { describe, expect, test } from 'vitest';
import type { Channel, Membership } from '../channels/port.ts';
import { type ChannelStores, freshChannel, freshThread, membershipOf } from '../channels/testing/channels.ts';
import { expectList } from '../people/testing/pages.ts';
import { freshTenant } from '../people/testing/tenant.ts';
import { MOST_BACK, type Notice, notificationId, type Told } from './port.ts';
import type { Run } from './runs.ts';

const START = Date.UTC(2026, 10, 1);
const DAY = 24 * 60 * 60 * 1000;

export function notificationStoreContract(stores: () => ChannelStores): void {
  /** People, the first of whom writes; all but the last are members of a channel. */
  async function scene(count = 4) {
    const { organizationId, people } = await freshTenant(stores(), count);
    const ids = people.map((user) => user.id);
    const [ada = '', grace = '', alan = ''] = ids;
    const stranger = ids.at(-1) ?? '';
    const channel = await freshChannel(stores(), {
      organizationId,
      creatorId: ada,
      memberIds: ids.slice(1, -1),
    });
    const { notifications } = stores();
    const said = (seq: number, given: Partial<Notice> = {}): Notice => ({
      seq,
      at: START + seq,
      authorId: ada,
      mentioned: [],
      group: null,
      isDeleted: false,
      ...given,
    });
    const tell = async (of: Channel, upTo: number, ...notices: readonly Notice[]) => {
      const [outcome] = await notifications.tell([{ organizationId, channelId: of.id, upTo, notices }]);
      if (outcome === undefined) throw new Error('every telling has its outcome');
      return outcome;
    };
    const counts = (...users: readonly string[]) =>
      notifications.mentionCounts(
        organizationId,
        users.map((userId) => ({ userId, channelId: channel.id })),
      );
    const list = async (userId: string) =>
      (await notifications.page(organizationId, userId, { limit: 50, backward: false })).items.map(
        ({ node }) => `${node.seq} ${node.reason}`,
      );
    const move = (userId: string, to: number) =>
      stores().memberships.advance([
        { organizationId, channelId: channel.id, userId, checkpoint: { to, backward: true } },
      ]);
    const settle = async (userId: string, settings: { isMuted?: boolean; notifyAlways?: boolean }) => {
      const { id } = await membershipOf(stores(), channel, userId);
      await stores().memberships.updateSettings({ organizationId, membershipId: id, ...settings });
    };
    return {
      organizationId,
      ids,
      ada,
      grace,
      alan,
      stranger,
      channel,
      notifications,
      said,
      tell,
      counts,
      list,
      move,
      settle,
    };
  }

  const whom = (told: readonly Told[]) =>
    told
      .map(({ notification }) => `${notification.seq} ${notification.userId} ${notification.reason}`)
      .sort();

  describe('telling', () => {
    test('gives those who are named a row, once, with their place in the channel', async () => {
      const { organizationId, channel, ada, grace, alan, stranger, said, tell, list } = await scene();
      await stores().memberships.updateSettings({
        organizationId,
        membershipId: (await membershipOf(stores(), channel, alan)).id,
        isMuted: true,
      });
      const notice = said(1, { mentioned: [ada, grace, alan, stranger, 'nobody'] });
      const { told, position, groups } = await tell(channel, 1, notice);
      expect([position, groups]).toEqual([1, []]);
      expect(whom(told)).toEqual([`1 ${grace} MENTION`, `1 ${alan} MENTION`].sort());
      expect(told.find(({ notification }) => notification.userId === grace)).toEqual({
        notification: {
          id: notificationId(grace, channel.id, 1),
          organizationId,
          userId: grace,
          channelId: channel.id,
          seq: 1,
          reason: 'MENTION',
          createdAt: new Date(START + 1),
        },
        membershipId: (await membershipOf(stores(), channel, grace)).id,
        isMuted: false,
        parentId: null,
      });
      expect(told.filter(({ isMuted }) => isMuted).map(({ notification }) => notification.userId)).toEqual([
        alan,
      ]);
      expect(await tell(channel, 1, notice)).toEqual({ position: 1, told: [], groups: [] });
      expect(await list(grace)).toEqual(['1 MENTION']);
      expect(await list(ada)).toEqual([]);
      expect(await list(stranger)).toEqual([]);
    });

    test('goes by numbers: where one is missing it does nothing, and says from where', async () => {
      const { channel, grace, said, tell, list } = await scene();
      await tell(channel, 1, said(1));
      const third = said(3, { mentioned: [grace] });
      expect(await tell(channel, 3, third)).toEqual({ position: 1, told: [], groups: [] });
      expect(await list(grace)).toEqual([]);
      const late = await tell(channel, 3, third, said(2), said(4, { mentioned: [grace] }));
      expect([late.position, whom(late.told)]).toEqual([3, [`3 ${grace} MENTION`]]);
      // What others have told of already is passed over, whatever is known of it here.
      expect(await tell(channel, 2, said(2, { mentioned: [grace] }))).toMatchObject({
        position: 3,
        told: [],
      });
      expect(await list(grace)).toEqual(['3 MENTION']);
    });

    test('passes over those that are known to name nobody, where only who is named is told', async () => {
      const { organizationId, channel, ids, grace, said, notifications, list } = await scene();
      const tellOf = async (channelId: string, upTo: number, ...silent: readonly Run[]) => {
        const notices = [said(3, { mentioned: [grace] })];
        const told = await notifications.tell([{ organizationId, channelId, upTo, notices, silent }]);
        return told.map(({ position }) => position);
      };
      // The second is missing.
      expect(await tellOf(channel.id, 9, { from: 1, to: 1 }, { from: 4, to: 9 })).toEqual([0]);
      expect(await list(grace)).toEqual([]);
      expect(await tellOf(channel.id, 9, { from: 1, to: 2 }, { from: 4, to: 9 })).toEqual([9]);
      expect(await list(grace)).toEqual(['3 MENTION']);
      expect(await tellOf(channel.id, 7_000, { from: 10, to: 7_000 })).toEqual([7_000]);
      const dm = await stores().channels.openDirectMessage({
        id: crypto.randomUUID(),
        organizationId,
        userIds: ids.slice(0, 3),
      });
      expect(await tellOf(dm.id, 2, { from: 1, to: 2 })).toEqual([0]);
    });

    test('of many channels at once, and of one that is not there', async () => {
      const { organizationId, channel, grace, said, notifications } = await scene();
      const other = await freshChannel(stores(), { organizationId, memberIds: [grace] });
      const notices = [said(1, { mentioned: [grace] })];
      const missing = '00000000-0000-7000-8000-000000000000';
      const outcomes = await notifications.tell(
        [channel.id, missing, 'no uuid', other.id].map((channelId) => ({
          organizationId,
          channelId,
          upTo: 1,
          notices,
        })),
      );
      expect(outcomes.map(({ position, told }) => [position, told.length])).toEqual([
        [1, 1],
        [null, 0],
        [null, 0],
        [1, 1],
      ]);
    });

    test('from many replicas at once gives each row once, however the messages were shared out', async () => {
      const { organizationId, channel, grace, alan, said, notifications, list } = await scene();
      const all = Array.from({ length: 20 }, (_, i) => said(i + 1, { mentioned: [i % 2 ? grace : alan] }));
      const outcomes = await Promise.all(
        all.map((_, i) =>
          notifications.tell([{ organizationId, channelId: channel.id, upTo: i + 1, notices: all }]),
        ),
      );
      expect(outcomes.flat().flatMap(({ told }) => told)).toHaveLength(20);
      expect(await list(grace)).toEqual(Array.from({ length: 10 }, (_, i) => `${20 - 2 * i} MENTION`));
    });

    test('a direct conversation tells the others, a mention in it before all', async () => {
      const { organizationId, ids, ada, grace, alan, notifications, said } = await scene();
      const dm = await stores().channels.openDirectMessage({
        id: crypto.randomUUID(),
        organizationId,
        userIds: ids.slice(0, 3),
      });
      const [outcome] = await notifications.tell([
        {
          organizationId,
          channelId: dm.id,
          upTo: 2,
          notices: [said(1, { group: 'CHANNEL' }), said(2, { mentioned: [alan], authorId: grace })],
        },
      ]);
      expect(whom(outcome?.told ?? [])).toEqual(
        [
          `1 ${grace} DIRECT_MESSAGE`,
          `1 ${alan} DIRECT_MESSAGE`,
          `2 ${ada} DIRECT_MESSAGE`,
          `2 ${alan} MENTION`,
        ].sort(),
      );
      expect(outcome?.groups).toEqual([]);
    });

    test('a reply tells those who follow the thread, and names its channel', async () => {
      const { organizationId, channel, ada, grace, alan, notifications, said } = await scene();
      const thread = await freshThread(stores(), channel, { authorId: ada });
      const follow = (userIds: string[], checkpoint: number) =>
        stores().memberships.follow({ organizationId, threadId: thread.id, userIds, checkpoint });
      await follow([grace], 0);
      // Came after the first reply.
      await follow([alan], 1);
      const [outcome] = await notifications.tell([
        {
          organizationId,
          channelId: thread.id,
          upTo: 2,
          notices: [said(1, { authorId: grace }), said(2, { authorId: alan })],
        },
      ]);
      expect(whom(outcome?.told ?? [])).toEqual(
        [`1 ${ada} THREAD_REPLY`, `2 ${ada} THREAD_REPLY`, `2 ${grace} THREAD_REPLY`].sort(),
      );
      expect(new Set(outcome?.told.map(({ parentId }) => parentId))).toEqual(new Set([channel.id]));
    });

    test('whoever came after the message, or is deactivated, has none; who came back has none of before', async () => {
      const { organizationId, channel, ada, grace, alan, stranger, said, tell, list } = await scene();
      const about = { organizationId, channelId: channel.id, actorId: ada };
      await stores().memberships.add({ ...about, userIds: [stranger], role: 'MEMBER', checkpoint: 1 });
      await stores().users.deactivate(organizationId, 'p-2');
      const { told } = await tell(
        channel,
        2,
        said(1, { mentioned: [stranger, alan] }),
        said(2, { mentioned: [stranger, grace] }),
      );
      expect(whom(told)).toEqual([`2 ${stranger} MENTION`, `2 ${grace} MENTION`].sort());
      await stores().memberships.remove({ ...about, userId: grace });
      expect(await list(grace)).toEqual([]);
      await stores().memberships.add({ ...about, userIds: [grace], role: 'MEMBER', checkpoint: 2 });
      expect(await list(grace)).toEqual([]);
      await tell(channel, 3, said(3, { mentioned: [grace] }));
      expect(await list(grace)).toEqual(['3 MENTION']);
    });

    test('a deleted message tells nobody, in a direct conversation either', async () => {
      const { organizationId, ids, notifications, said } = await scene();
      const dm = await stores().channels.openDirectMessage({
        id: crypto.randomUUID(),
        organizationId,
        userIds: ids.slice(0, 2),
      });
      const [outcome] = await notifications.tell([
        { organizationId, channelId: dm.id, upTo: 1, notices: [said(1, { isDeleted: true })] },
      ]);
      expect(outcome).toEqual({ position: 1, told: [], groups: [] });
    });

    test('begins where the first member came in, and goes back no further than so many', async () => {
      const { organizationId, ada, grace, said, tell } = await scene();
      const late = await freshChannel(stores(), { organizationId });
      await stores().memberships.add({
        organizationId,
        channelId: late.id,
        actorId: ada,
        userIds: [grace],
        role: 'MEMBER',
        checkpoint: 7,
      });
      expect(await tell(late, 9, said(9, { mentioned: [grace] }))).toMatchObject({ position: 7 });
      const empty = await freshChannel(stores(), { organizationId });
      expect(await tell(empty, 100_000)).toMatchObject({ position: 100_000 });
      const long = await freshChannel(stores(), { organizationId, memberIds: [grace] });
      expect(await tell(long, 100_000)).toMatchObject({ position: 100_000 - MOST_BACK });
    });
  });

  describe('mentions of a whole channel', () => {
    test('count for everybody but their author, beside those who are named, each message once', async () => {
      const { channel, ada, grace, alan, stranger, said, tell, counts, list } = await scene();
      const { told, groups } = await tell(
        channel,
        4,
        said(1, { group: 'CHANNEL' }),
        said(2, { group: 'HERE', mentioned: [grace] }),
        said(3),
        said(4, { mentioned: [grace], authorId: alan }),
      );
      expect(whom(told)).toEqual([`2 ${grace} MENTION`, `4 ${grace} MENTION`]);
      expect(groups.map(({ seq }) => seq)).toEqual([1, 2]);
      expect(await counts(ada, grace, alan, stranger, grace, 'nobody')).toEqual([0, 3, 2, 0, 3, 0]);
      expect(await list(grace)).toEqual(['4 MENTION', '2 MENTION', '1 MENTION']);
      expect(await list(alan)).toEqual(['2 MENTION', '1 MENTION']);
      expect(await list(ada)).toEqual([]);
    });

    test('not for who came later, whatever they mark as unread', async () => {
      const { organizationId, channel, ada, stranger, said, tell, counts, list, move } = await scene();
      await tell(channel, 1, said(1, { group: 'CHANNEL' }));
      await stores().memberships.add({
        organizationId,
        channelId: channel.id,
        actorId: ada,
        userIds: [stranger],
        role: 'MEMBER',
        checkpoint: 1,
      });
      await tell(channel, 2, said(2, { group: 'CHANNEL' }));
      await move(stranger, 0);
      expect([await counts(stranger), await list(stranger)]).toEqual([[1], ['2 MENTION']]);
    });
  });

  describe('counts', () => {
    test('follow the checkpoint, forward and back; their sum leaves out what is muted, and threads', async () => {
      const { organizationId, channel, ada, grace, said, tell, counts, move, settle, notifications } =
        await scene();
      await tell(channel, 3, ...[1, 2, 3].map((seq) => said(seq, { mentioned: [grace] })));
      expect(await counts(grace)).toEqual([3]);
      await move(grace, 2);
      expect(await counts(grace)).toEqual([1]);
      await move(grace, 1);
      expect(await counts(grace)).toEqual([2]);
      const thread = await freshThread(stores(), channel, { authorId: grace });
      await tell(thread, 1, said(1, { mentioned: [grace] }));
      const other = await freshChannel(stores(), { organizationId, memberIds: [grace] });
      await tell(other, 1, said(1, { group: 'CHANNEL', authorId: ada }));
      expect(await notifications.mentionTotal(organizationId, grace)).toBe(3);
      await settle(grace, { isMuted: true });
      expect(await counts(grace)).toEqual([2]);
      expect(await notifications.mentionTotal(organizationId, grace)).toBe(1);
      expect(await notifications.mentionTotal(organizationId, ada)).toBe(0);
    });

    test('another organization counts nothing of it', async () => {
      const { channel, grace, said, tell, notifications } = await scene();
      await tell(channel, 1, said(1, { mentioned: [grace], group: 'CHANNEL' }));
      const { organizationId } = await freshTenant(stores(), 0);
      expect(
        await notifications.mentionCounts(organizationId, [{ userId: grace, channelId: channel.id }]),
      ).toEqual([0]);
      expect(await notifications.mentionTotal(organizationId, grace)).toBe(0);
      expect((await notifications.page(organizationId, grace, { limit: 5, backward: false })).items).toEqual(
        [],
      );
      expect(
        await notifications.ofMessages(organizationId, grace, [{ channelId: channel.id, seq: 1 }]),
      ).toEqual([]);
      const after = [{ channelId: channel.id, seq: 0 }];
      expect(await notifications.missed(organizationId, grace, after, 10)).toEqual([]);
    });
  });

  describe('the list', () => {
    test('is paged newest first, in both directions, rows and mentions of channels together', async () => {
      const { organizationId, channel, grace, said, tell, notifications, settle } = await scene();
      const other = await freshChannel(stores(), { organizationId, memberIds: [grace] });
      // All of one channel at the same time: then by number.
      for (const of of [channel, other]) {
        await tell(
          of,
          5,
          ...[1, 2, 3, 4, 5].map((seq) =>
            said(seq, {
              at: of === channel ? START : START + seq,
              ...(seq % 2 ? { mentioned: [grace] } : { group: 'CHANNEL' as const }),
            }),
          ),
        );
      }
      const expected = [other, channel].flatMap(({ id }) =>
        [5, 4, 3, 2, 1].map((seq) => notificationId(grace, id, seq)),
      );
      await expectList(
        (page) => notifications.page(organizationId, grace, page),
        ({ id }) => id,
        expected,
      );
      await settle(grace, { isMuted: true });
      const { items } = await notifications.page(organizationId, grace, { limit: 50, backward: false });
      expect(items.map(({ node }) => node.channelId)).toEqual([5, 4, 3, 2, 1].map(() => other.id));
      const asked = [1, 2, 6].map((seq) => ({ channelId: channel.id, seq }));
      const found = await notifications.ofMessages(organizationId, grace, asked);
      expect(found.map(({ seq, reason }) => `${seq} ${reason}`).sort()).toEqual(['1 MENTION', '2 MENTION']);
      await expect(
        notifications.page(organizationId, grace, { limit: 5, backward: false, after: 'no key' }),
      ).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    });
  });

  describe('what came meanwhile', () => {
    test('is unread, after the place, not muted and not to whoever was there; the newest, oldest first', async () => {
      const { organizationId, channel, grace, said, tell, move, settle, notifications } = await scene();
      await tell(
        channel,
        6,
        ...[1, 2, 3, 4].map((seq) => said(seq, { mentioned: [grace] })),
        said(5, { group: 'HERE' }),
        said(6, { group: 'CHANNEL' }),
      );
      const missed = async (seq: number, limit = 10) =>
        whom(await notifications.missed(organizationId, grace, [{ channelId: channel.id, seq }], limit)).map(
          (one) => Number(one.split(' ')[0]),
        );
      expect(await missed(1)).toEqual([2, 3, 4, 6]);
      expect(await missed(0, 2)).toEqual([4, 6]);
      expect(await missed(6)).toEqual([]);
      await move(grace, 3);
      expect(await missed(1)).toEqual([4, 6]);
      await settle(grace, { isMuted: true });
      expect(await missed(1)).toEqual([]);
      expect(await notifications.missed(organizationId, grace, [], 10)).toEqual([]);
    });

    test('of threads: all that is unread in those of the channel', async () => {
      const { organizationId, channel, ada, grace, said, tell, notifications } = await scene();
      const thread = await freshThread(stores(), channel, { authorId: ada });
      await tell(thread, 1, said(1, { authorId: grace }));
      const missed = (channelId: string) =>
        notifications.missed(organizationId, ada, [{ channelId, seq: 50 }], 10);
      expect(await missed(channel.id)).toMatchObject([
        { notification: { channelId: thread.id }, parentId: channel.id },
      ]);
      expect(await missed(crypto.randomUUID())).toEqual([]);
    });
  });

  describe('who else is alerted', () => {
    test('of a message to all: everybody who has not muted and is not named; else who asked for everything', async () => {
      const { organizationId, channel, ada, grace, alan, said, settle, notifications } = await scene(5);
      const audience = async (isToAll: boolean, given: Partial<Notice> = {}) =>
        (
          await notifications.audience([
            { organizationId, channelId: channel.id, notice: said(3, given), isToAll },
          ])
        ).map(({ notification: { userId, reason, seq }, membershipId }) => ({
          userId,
          reason,
          seq,
          membershipId,
        }));
      const place = async (userId: string): Promise<Membership> => membershipOf(stores(), channel, userId);
      const told = async (userId: string, reason: string) => ({
        userId,
        reason,
        seq: 3,
        membershipId: (await place(userId)).id,
      });
      expect(await audience(false)).toEqual([]);
      await settle(ada, { notifyAlways: true });
      await settle(alan, { notifyAlways: true });
      expect(await audience(false)).toEqual([await told(alan, 'NOTIFY_ALWAYS')]);
      expect(await audience(false, { mentioned: [alan] })).toEqual([]);
      expect((await audience(true)).map(({ userId, reason }) => `${userId} ${reason}`)).toEqual(
        expect.arrayContaining([`${alan} MENTION`, `${grace} MENTION`]),
      );
      expect(await audience(true)).toHaveLength(3);
      await settle(alan, { isMuted: true });
      expect(await audience(false)).toEqual([]);
      expect(await audience(true)).toHaveLength(2);
    });
  });

  describe('changes', () => {
    test('what a message says now replaces what it said, and tells nobody', async () => {
      const { organizationId, channel, grace, alan, said, tell, counts, notifications } = await scene();
      await tell(channel, 1, said(1, { mentioned: [grace], group: 'CHANNEL' }));
      const message = { organizationId, channelId: channel.id, seq: 1 };
      expect(await notifications.retell(message, said(1, { mentioned: [alan] }))).toBe(true);
      expect(await counts(grace, alan)).toEqual([0, 1]);
      expect(await notifications.retell(message, said(1, { group: 'HERE' }))).toBe(true);
      expect(await counts(grace, alan)).toEqual([1, 1]);
      expect(await notifications.retell(message, said(1, { isDeleted: true }))).toBe(true);
      expect(await counts(grace, alan)).toEqual([0, 0]);
      expect(await notifications.retell({ ...message, seq: 2 }, said(2, { mentioned: [alan] }))).toBe(false);
      expect(await counts(grace, alan)).toEqual([0, 0]);
    });

    test('that are planned stay open until they are counted', async () => {
      const { organizationId, channel, notifications } = await scene();
      const message = { organizationId, channelId: channel.id, seq: 5 };
      const ids = [await notifications.planRecount(message), await notifications.planRecount(message)];
      const open = async (ageMs: number) =>
        (await notifications.openRecounts(ageMs, 10_000)).filter((one) => one.channelId === channel.id);
      expect((await open(-60_000)).map(({ id }) => id).sort()).toEqual(ids.toSorted());
      expect(await open(60_000)).toEqual([]);
      await notifications.recounted([ids[0] ?? '', 'no uuid']);
      expect(await open(-60_000)).toEqual([{ ...message, id: ids[1] }]);
    });
  });

  describe('upkeep', () => {
    test('finds how far channels are told of: those written to lately, and all in turn', async () => {
      const { organizationId, channel, said, tell, notifications } = await scene();
      const untold = await freshChannel(stores(), { organizationId });
      await tell(channel, 1, said(1));
      await stores().channels.touchActivity(
        organizationId,
        new Map([[channel.id, new Date(Date.now() + 30 * 60_000)]]),
      );
      const window = { fromMs: -29 * 60_000, toMs: -31 * 60_000 };
      const lately = await notifications.quiet(window, 10_000);
      const own = { organizationId, channelId: channel.id };
      expect(lately.filter((one) => one.organizationId === organizationId)).toEqual([{ ...own, seq: 1 }]);
      const found = [];
      let page = await notifications.walk(null, 3);
      for (; page.length > 0; page = await notifications.walk(page.at(-1) ?? null, 3)) found.push(...page);
      expect(new Set(found.map((one) => one.channelId)).size).toBe(found.length);
      expect(found).toContainEqual({ ...own, seq: 1 });
      expect(found).toContainEqual({ organizationId, channelId: untold.id, seq: null });
    });

    test('forgets what is older than so long, rows and records', async () => {
      const { channel, grace, alan, said, tell, list, notifications } = await scene();
      const old = Date.now() - 91 * DAY;
      await tell(
        channel,
        3,
        said(1, { mentioned: [grace], at: old }),
        said(2, { group: 'CHANNEL', at: old + 1 }),
        said(3, { mentioned: [grace], at: Date.now() - 89 * DAY }),
      );
      expect([await list(grace), await list(alan)]).toEqual([
        ['3 MENTION', '2 MENTION', '1 MENTION'],
        ['2 MENTION'],
      ]);
      while ((await notifications.prune(90 * DAY, 1)) > 0);
      expect([await list(grace), await list(alan)]).toEqual([['3 MENTION'], []]);
    });
  });
}
