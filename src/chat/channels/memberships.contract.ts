/** What every adapter of MembershipStore and OutboxStore keeps, but for `advance`. Call within a describe. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expectList } from '../people/testing/pages.ts';
import { freshTenant } from '../people/testing/tenant.ts';
import type { Channel, Membership } from './port.ts';
import { type ChannelStores, freshChannel, freshThread, membershipOf } from './testing/channels.ts';

const HOUR = 3_600_000;

export function membershipStoreContract(stores: () => ChannelStores): void {
  /** A channel, and people who are not in it yet. */
  async function scene(count: number) {
    const { organizationId, people } = await freshTenant(stores(), count);
    const channel = await freshChannel(stores(), { organizationId });
    const ids = people.map((user) => user.id);
    const [actorId = ''] = ids;
    const about = { organizationId, channelId: channel.id, actorId };
    const join = (...userIds: string[]) =>
      stores().memberships.add({ ...about, userIds, role: 'MEMBER', checkpoint: 0 });
    return { organizationId, channel, ids, about, join };
  }

  describe('joining', () => {
    test('makes memberships at the checkpoint, each with its outbox row; who is one stays as they are', async () => {
      const { organizationId, channel, ids, about } = await scene(3);
      const [a = '', b = '', c = ''] = ids;
      const { memberships } = stores();
      const first = await memberships.add({ ...about, userIds: [a, b], role: 'ADMIN', checkpoint: 42 });
      expect(first.memberships.map((one) => one.userId)).toEqual([a, b]);
      expect(first.memberships[0]).toMatchObject({
        organizationId,
        channelId: channel.id,
        role: 'ADMIN',
        checkpoint: 42,
        affinity: 0,
        isMuted: false,
        notifyAlways: false,
      });
      expect(first.outbox.map((row) => row.userId).sort()).toEqual([a, b].sort());
      expect(first.outbox[0]).toMatchObject({ ...about, kind: 'MEMBER_JOINED', createdAt: expect.any(Date) });
      const second = await memberships.add({ ...about, userIds: [b, c, b], role: 'MEMBER', checkpoint: 50 });
      expect(second.memberships.map((one) => [one.userId, one.role, one.checkpoint])).toEqual([
        [b, 'ADMIN', 42],
        [c, 'MEMBER', 50],
      ]);
      expect(second.outbox.map((row) => row.userId)).toEqual([c]);
      expect(await memberships.adminCount(organizationId, channel.id)).toBe(2);
    });

    test('an import announces nobody', async () => {
      const { ids, about } = await scene(2);
      const added = await stores().memberships.add({
        ...about,
        userIds: ids,
        role: 'MEMBER',
        checkpoint: 7,
        announce: false,
      });
      expect(added.outbox).toEqual([]);
      expect(added.memberships).toHaveLength(2);
    });

    test('50 at once make one membership and one announcement', async () => {
      const { ids, join } = await scene(1);
      const all = await Promise.all(Array.from({ length: 50 }, () => join(...ids)));
      expect(new Set(all.map((one) => one.memberships[0]?.id)).size).toBe(1);
      expect(all.flatMap((one) => one.outbox)).toHaveLength(1);
    });

    test('neither strangers nor ids of nothing join, nor does anyone join what is not there', async () => {
      const { organizationId, channel, ids, about, join } = await scene(1);
      const foreign = await scene(1);
      const [own = ''] = ids;
      const joined = await join(foreign.ids[0] ?? '', randomUUID(), 'no-uuid', own);
      expect(joined.memberships.map((one) => one.userId)).toEqual([own]);
      expect(joined.outbox.map((row) => row.userId)).toEqual([own]);
      for (const channelId of [foreign.channel.id, randomUUID(), 'no-uuid']) {
        const input = { ...about, channelId, userIds: ids, role: 'MEMBER', checkpoint: 0 } as const;
        expect(await stores().memberships.add(input)).toEqual({ memberships: [], outbox: [] });
      }
      expect(await stores().channels.memberCounts(organizationId, [channel.id, foreign.channel.id])).toEqual(
        new Map([[channel.id, 1]]),
      );
    });

    test('several people are found at once, each in the channel asked for and no other', async () => {
      const { organizationId, channel, ids, join } = await scene(3);
      const other = await scene(1);
      const [a = '', b = '', c = ''] = ids;
      const { memberships } = await join(a, b);
      const { memberships: foreign } = await other.join(...other.ids);
      const at = (userId: string, channelId = channel.id) => ({ userId, channelId });
      const asked = [at(a), at(b), at(c), at(a, other.channel.id), at('no-uuid'), at(b, 'no-uuid'), at(a)];
      const find = stores().memberships.ofUsers;
      const found = await find(organizationId, [...asked, at(other.ids[0] ?? '', other.channel.id)]);
      expect(new Set(found.map(({ id }) => id))).toEqual(new Set(memberships.map(({ id }) => id)));
      expect(found).toHaveLength(2);
      expect(await find(other.organizationId, [at(other.ids[0] ?? '', other.channel.id)])).toEqual(foreign);
      expect(await find(organizationId, [])).toEqual([]);
      expect(await find('no-uuid', asked)).toEqual([]);
    });

    test('two replicas that add the same people in opposite orders both succeed', async () => {
      const { ids, join } = await scene(20);
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, i) => (i % 2 ? join(...ids) : join(...ids.toReversed()))),
      );
      expect(all.flatMap((one) => one.outbox)).toHaveLength(20);
    });
  });

  describe('leaving', () => {
    test('ends the membership, with the next number of the organization and an outbox row', async () => {
      const { organizationId, channel, ids, about, join } = await scene(2);
      const [a = '', b = ''] = ids;
      const { memberships } = await join(a, b);
      const first = await stores().memberships.remove({ ...about, userId: a });
      expect(first?.membership).toEqual(memberships[0]);
      expect(first?.outbox).toMatchObject({ ...about, kind: 'MEMBER_LEFT', userId: a });
      const second = await stores().memberships.remove({ ...about, userId: b });
      expect(second?.membershipRev).toBe((first?.membershipRev ?? 0) + 1);
      expect(await stores().memberships.remove({ ...about, userId: a })).toBeNull();
      expect(await stores().memberships.ofUser(organizationId, a, [channel.id])).toEqual([]);
      const [again] = (await join(a)).memberships;
      expect(again?.id).not.toBe(memberships[0]?.id);
    });

    test('of 20 at once each gets a number of its own, and one person leaves once', async () => {
      const { ids, about, join } = await scene(20);
      await join(...ids);
      const all = await Promise.all(
        [...ids, ...ids].map((userId) => stores().memberships.remove({ ...about, userId })),
      );
      const ended = all.filter((one) => one !== null);
      expect(ended).toHaveLength(20);
      expect(ended.map((one) => one.membershipRev).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
    });

    test('tenants never meet: a foreign organization can end nothing', async () => {
      const { channel, ids, join } = await scene(1);
      const foreign = await scene(1);
      await join(...ids);
      const [userId = ''] = ids;
      const { memberships } = stores();
      for (const organizationId of [foreign.organizationId, 'no-uuid']) {
        const input = { organizationId, channelId: channel.id, userId, actorId: userId };
        expect(await memberships.remove(input)).toBeNull();
        expect(await memberships.ofUser(organizationId, userId, [channel.id])).toEqual([]);
        expect(await memberships.channelIdsOf(organizationId, userId)).toEqual([]);
        expect(await memberships.memberIds(organizationId, [channel.id])).toEqual(new Map());
        expect(await memberships.adminCount(organizationId, channel.id)).toBe(0);
        const page = { limit: 5, backward: false } as const;
        expect((await memberships.pageOfChannel(organizationId, channel.id, page)).items).toEqual([]);
        const sidebar = { ...page, orderBy: 'NAME' } as const;
        expect((await memberships.pageOfUser(organizationId, userId, sidebar)).items).toEqual([]);
        const { id } = await membershipOf(stores(), channel, userId);
        expect(await memberships.byIds(organizationId, [id, 'no-uuid'])).toEqual([]);
        expect(
          await memberships.updateSettings({ organizationId, membershipId: id, isMuted: true }),
        ).toBeNull();
      }
      expect(await membershipOf(stores(), channel, userId)).toMatchObject({ isMuted: false });
    });
  });

  describe('settings', () => {
    test('change what is given and stay', async () => {
      const { organizationId, ids, join } = await scene(1);
      const [made] = (await join(...ids)).memberships;
      const about = { organizationId, membershipId: made?.id ?? '' };
      const { memberships } = stores();
      expect(await memberships.updateSettings({ ...about, isMuted: true })).toEqual({
        ...made,
        isMuted: true,
      });
      const both = { ...made, isMuted: true, notifyAlways: true };
      expect(await memberships.updateSettings({ ...about, notifyAlways: true })).toEqual(both);
      expect(await memberships.updateSettings(about)).toEqual(both);
      expect(await memberships.updateSettings({ ...about, isMuted: false })).toEqual({
        ...both,
        isMuted: false,
      });
      expect(await memberships.byIds(organizationId, [about.membershipId])).toEqual([
        { ...both, isMuted: false },
      ]);
      expect(await memberships.updateSettings({ organizationId, membershipId: 'x' })).toBeNull();
    });
  });

  describe('members of channels', () => {
    test('by time of joining, page by page; at most 10 named of each channel, of many at once', async () => {
      const { organizationId, channel, ids, join } = await scene(14);
      const order = [...ids.slice(5), ...ids.slice(0, 5)];
      for (const id of order) await join(id);
      const other = await freshChannel(stores(), { organizationId, creatorId: ids[0] ?? '' });
      await expectList(
        (page) => stores().memberships.pageOfChannel(organizationId, channel.id, page),
        (membership) => membership.userId,
        order,
      );
      const empty = await freshChannel(stores(), { organizationId });
      const asked = [channel.id, other.id, empty.id, 'no-uuid'];
      const named = await stores().memberships.memberIds(organizationId, asked);
      expect(named.get(channel.id)).toEqual(order.slice(0, 10));
      expect(named.get(other.id)).toEqual([ids[0]]);
      expect(named.get(empty.id) ?? []).toEqual([]);
      const counts = await stores().channels.memberCounts(organizationId, asked);
      expect([counts.get(channel.id), counts.get(other.id), counts.get(empty.id) ?? 0]).toEqual([14, 1, 0]);
    });
  });

  describe('the sidebar', () => {
    async function sidebar(): Promise<{
      organizationId: string;
      userId: string;
      channels: readonly Channel[];
    }> {
      const { organizationId, people } = await freshTenant(stores(), 3);
      const [userId = '', other = '', third = ''] = people.map((user) => user.id);
      const memberIds = [userId];
      const named = (name: string) => freshChannel(stores(), { organizationId, name, memberIds });
      const channels = [await named('beta'), await named('Alpha'), await named('Gamma')];
      const dm = (...ids: string[]) =>
        stores().channels.openDirectMessage({ id: randomUUID(), organizationId, userIds: ids });
      channels.push(await dm(userId, other), await dm(userId, third));
      // What is not in it: a thread, another's channel, another's DM.
      const [parent] = channels;
      if (parent !== undefined) await freshThread(stores(), parent, { authorId: userId });
      await freshChannel(stores(), { organizationId, memberIds: [other] });
      await dm(other, third);
      return { organizationId, userId, channels };
    }

    test('holds channels and DMs, others only when asked for', async () => {
      const { organizationId, userId, channels } = await sidebar();
      const { memberships } = stores();
      const ids = await memberships.channelIdsOf(organizationId, userId);
      expect([...ids].sort()).toEqual(channels.map((channel) => channel.id).sort());
      const count = async (...types: readonly ('CHANNEL' | 'DM' | 'THREAD')[]) => {
        const page = { limit: 50, backward: false, orderBy: 'NAME', types } as const;
        return (await memberships.pageOfUser(organizationId, userId, page)).items.length;
      };
      expect(await count('CHANNEL')).toBe(3);
      expect(await count('DM')).toBe(2);
      expect(await count('THREAD')).toBe(1);
      expect(await count('DM', 'THREAD', 'CHANNEL')).toBe(6);
      expect(await count()).toBe(0);
    });

    test('by name: DMs, which have none, first', async () => {
      const { organizationId, userId, channels } = await sidebar();
      const [beta, alpha, gamma, ...dms] = await Promise.all(
        channels.map((channel) => membershipOf(stores(), channel, userId)),
      );
      const wanted = [...dms.map((one) => one.id).sort(), alpha?.id, beta?.id, gamma?.id];
      await expectList(
        (page) => stores().memberships.pageOfUser(organizationId, userId, { ...page, orderBy: 'NAME' }),
        (membership) => membership.id,
        wanted.map((id) => id ?? ''),
      );
    });

    test('by latest activity, which never moves back', async () => {
      const { organizationId, userId, channels } = await sidebar();
      const later = Date.now() + HOUR;
      const at = (i: number) => new Date(later + i * 1_000);
      const [a = '', b = '', c = '', d = '', e = ''] = channels.map((channel) => channel.id);
      const touch = (...touched: [string, Date][]) =>
        stores().channels.touchActivity(organizationId, new Map(touched));
      await touch([a, at(1)], [b, at(5)], [c, at(2)], [d, at(4)], [e, at(3)]);
      await touch([b, at(0)], [a, at(6)], [randomUUID(), at(9)]);
      await expectList(
        (page) =>
          stores().memberships.pageOfUser(organizationId, userId, { ...page, orderBy: 'LATEST_ACTIVITY' }),
        (membership) => membership.channelId,
        [a, b, d, e, c],
      );
    });

    test('by affinity as decayed, whatever times the scores are of; those without one last', async () => {
      const { organizationId, userId, channels } = await sidebar();
      const [a = '', b = '', c = '', d = '', e = ''] = channels.map((channel) => channel.id);
      const week = 7 * 24 * HOUR;
      const base = Date.now() + 10 * week;
      const add = (channelId: string, points: number, at: number) => ({
        organizationId,
        channelId,
        userId,
        affinity: { points, at: new Date(at) },
      });
      // Worth at `base`: b 3, c 2.5, d 3.5, a 4; e was never used.
      await stores().memberships.advance([
        add(b, 3, base),
        add(c, 5, base - week),
        add(d, 7, base - week),
        add(a, 4, base),
      ]);
      await expectList(
        (page) => stores().memberships.pageOfUser(organizationId, userId, { ...page, orderBy: 'AFFINITY' }),
        (membership) => membership.channelId,
        [a, d, b, c, e],
      );
    });

    test('by affinity: of any scores at all, the key of each leads on to the next', async () => {
      const { organizationId, people } = await freshTenant(stores(), 1);
      const userId = people[0]?.id ?? '';
      const now = Date.now();
      const scored: { id: string; rank: number }[] = [];
      for (let i = 0; i < 40; i++) {
        const { id: channelId } = await freshChannel(stores(), { organizationId, memberIds: [userId] });
        const points = Math.random() * 10 ** Math.floor(Math.random() * 6);
        const at = now + Math.floor(Math.random() * 1e10);
        scored.push({ id: channelId, rank: Math.log2(points) + at / (7 * 24 * HOUR) });
        const move = { organizationId, channelId, userId, affinity: { points, at: new Date(at) } };
        await stores().memberships.advance([move]);
      }
      await expectList(
        (page) => stores().memberships.pageOfUser(organizationId, userId, { ...page, orderBy: 'AFFINITY' }),
        (membership) => membership.channelId,
        scored.toSorted((a, b) => b.rank - a.rank).map((one) => one.id),
      );
    });

    test('a key of one order is bad input in another', async () => {
      const { organizationId, userId } = await sidebar();
      const orders = ['NAME', 'AFFINITY', 'LATEST_ACTIVITY'] as const;
      const { memberships } = stores();
      for (const orderBy of orders) {
        const page = { limit: 1, backward: false, orderBy } as const;
        const [item] = (await memberships.pageOfUser(organizationId, userId, page)).items;
        for (const other of orders.filter((one) => one !== orderBy)) {
          const wrong = { ...page, orderBy: other, after: item?.key ?? '' };
          await expect(memberships.pageOfUser(organizationId, userId, wrong)).rejects.toMatchObject({
            code: 'BAD_USER_INPUT',
          });
        }
      }
    });
  });

  describe('the outbox', () => {
    test('gives a channel’s rows in the order of their commits until they are done', async () => {
      const { organizationId, ids, about, join } = await scene(4);
      const made: Membership[] = [];
      for (const id of ids) made.push(...(await join(id)).memberships);
      const updated = await stores().channels.update({ ...about, name: 'New' });
      const [first = ''] = ids;
      const left = await stores().memberships.remove({ ...about, userId: first });
      const { outbox } = stores();
      const open = (limit = 100) => outbox.open(organizationId, about.channelId, limit);
      const rows = await open();
      expect(rows.map((row) => [row.kind, row.userId])).toEqual([
        ...made.map((one) => ['MEMBER_JOINED', one.userId]),
        ['CHANNEL_UPDATED', null],
        ['MEMBER_LEFT', first],
      ]);
      expect(rows.slice(4)).toEqual([updated?.outbox, left?.outbox]);
      expect(await open(2)).toEqual(rows.slice(0, 2));
      const [a, b] = rows.map((row) => row.id);
      await outbox.done([b ?? '', a ?? '', a ?? '', 'no-uuid', randomUUID()]);
      await outbox.done([]);
      expect(await open()).toEqual(rows.slice(2));
      const foreign = await scene(1);
      for (const organization of [foreign.organizationId, 'no-uuid']) {
        expect(await outbox.open(organization, about.channelId, 100)).toEqual([]);
      }
      expect(await outbox.open(organizationId, foreign.channel.id, 100)).toEqual([]);
    });

    test('people who come and go at once come before they go, and a batch keeps its order', async () => {
      const { organizationId, ids, about, join } = await scene(8);
      const { outbox, memberships } = stores();
      await Promise.all(
        ids.flatMap((userId) =>
          Array.from({ length: 6 }, (_, i) =>
            i % 2 ? memberships.remove({ ...about, userId }) : join(userId),
          ),
        ),
      );
      const rows = await outbox.open(organizationId, about.channelId, 1_000);
      for (const userId of ids) {
        const kinds = rows.filter((row) => row.userId === userId).map((row) => row.kind);
        expect(kinds).toEqual(kinds.map((_, i) => (i % 2 ? 'MEMBER_LEFT' : 'MEMBER_JOINED')));
      }
      const other = await freshChannel(stores(), { organizationId });
      const input = { ...about, channelId: other.id, userIds: ids, role: 'MEMBER', checkpoint: 0 } as const;
      const batch = await memberships.add(input);
      expect(await outbox.open(organizationId, other.id, 100)).toEqual(batch.outbox);
    });

    test('names each channel with something due by its first row, the oldest first', async () => {
      const [one, two] = [await scene(2), await scene(2)];
      const firsts = [
        (await one.join(one.ids[0] ?? '')).outbox[0],
        (await two.join(two.ids[0] ?? '')).outbox[0],
      ];
      await one.join(one.ids[1] ?? '');
      await two.join(two.ids[1] ?? '');
      const { outbox } = stores();
      const mine = async (olderThanMs: number) => {
        const rows = await outbox.due(olderThanMs, 10_000);
        return rows.filter((row) => [one, two].some(({ channel }) => channel.id === row.channelId));
      };
      // In the future, as a row of this millisecond is not older than now.
      expect(await mine(-1_000)).toEqual(firsts);
      expect(await outbox.due(HOUR, 10_000)).toEqual([]);
      expect(await outbox.due(-1_000, 1)).toHaveLength(1);
      await outbox.done([firsts[0]?.id ?? '']);
      const next = await mine(-1_000);
      expect(next.map((row) => row.userId)).toEqual([two.ids[0], one.ids[1]]);
    });
  });
}
