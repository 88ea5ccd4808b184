/** What every adapter of ChannelStore keeps. Call within a describe. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { expectList } from '../people/testing/pages.ts';
import { freshTenant } from '../people/testing/tenant.ts';
import type { Channel } from './port.ts';
import { type ChannelStores, creation, freshChannel, membershipOf } from './testing/channels.ts';

export function channelStoreContract(stores: () => ChannelStores): void {
  describe('channels', () => {
    test('one is made with its first members, the creator as admin, and found by id and handle', async () => {
      const { organizationId, people } = await freshTenant(stores(), 3);
      const [creator, one, two] = people.map((user) => user.id);
      if (creator === undefined || one === undefined || two === undefined) throw new Error('three people');
      const input = creation({
        organizationId,
        creatorId: creator,
        memberIds: [one, two, one, creator],
        visibility: 'PRIVATE',
        postingPolicy: 'ADMINS',
        name: 'Großes “Ü”',
        topic: 'a\nb',
      });
      const made = await stores().channels.create(input);
      const { id, name, handle, topic, type, visibility, postingPolicy } = input;
      expect(made).toMatchObject({
        id,
        organizationId,
        name,
        handle,
        topic,
        type,
        visibility,
        postingPolicy,
      });
      expect(made).toMatchObject({ archivedAt: null, createdAt: expect.any(Date) });
      expect(await stores().channels.byIds(organizationId, [id, id, 'no-uuid', randomUUID()])).toEqual([
        made,
      ]);
      expect(await stores().channels.byHandle(organizationId, handle)).toEqual(made);
      const channel = made as Channel;
      expect(await membershipOf(stores(), channel, creator)).toMatchObject({ role: 'ADMIN', checkpoint: 0 });
      expect(await membershipOf(stores(), channel, one)).toMatchObject({ role: 'MEMBER', affinity: 0 });
      expect(await stores().channels.memberCounts(organizationId, [id])).toEqual(new Map([[id, 3]]));
    });

    test('an import may date it back and archive it', async () => {
      const { organizationId } = await freshTenant(stores(), 0);
      const createdAt = new Date('2015-03-01T10:00:00.123Z');
      const archivedAt = new Date('2020-01-01T00:00:00.000Z');
      expect(await freshChannel(stores(), { organizationId, createdAt, archivedAt })).toMatchObject({
        createdAt,
        archivedAt,
      });
    });

    test('a repeat of a creation gives the first channel as it is, also 20 at once', async () => {
      const { organizationId, people } = await freshTenant(stores(), 2);
      const [creator, other] = people.map((user) => user.id);
      const input = creation({ organizationId, creatorId: creator ?? null });
      const all = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          stores().channels.create({ ...input, name: `try ${i}`, ...(i % 2 ? { handle: `h-${i}` } : {}) }),
        ),
      );
      const [first] = all;
      expect(new Set(all.map((one) => (one === 'HANDLE_TAKEN' ? one : one.id)))).toEqual(new Set([input.id]));
      expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
      const again = await stores().channels.create({ ...input, name: 'Late', memberIds: [other ?? ''] });
      expect(again).toEqual(first);
      expect(await stores().channels.memberCounts(organizationId, [input.id])).toEqual(
        new Map([[input.id, 1]]),
      );
    });

    test('a handle is given once in an organization, also when raced', async () => {
      const { organizationId } = await freshTenant(stores(), 0);
      const all = await Promise.all(
        Array.from({ length: 20 }, () =>
          stores().channels.create(creation({ organizationId, handle: 'general' })),
        ),
      );
      expect(all.filter((one) => one !== 'HANDLE_TAKEN')).toHaveLength(1);
      const elsewhere = await freshTenant(stores(), 0);
      await freshChannel(stores(), { organizationId: elsewhere.organizationId, handle: 'general' });
    });

    test('nothing is made with people who are not of the organization', async () => {
      const { organizationId, people } = await freshTenant(stores(), 1);
      const foreign = await freshTenant(stores(), 1);
      for (const stranger of [foreign.people[0]?.id ?? '', randomUUID(), 'no-uuid']) {
        const input = creation({ organizationId, creatorId: people[0]?.id ?? '', memberIds: [stranger] });
        await expect(stores().channels.create(input)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        expect(await stores().channels.byIds(organizationId, [input.id])).toEqual([]);
        const userIds = [people[0]?.id ?? '', stranger];
        const dm = { id: randomUUID(), organizationId, userIds };
        await expect(stores().channels.openDirectMessage(dm)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        expect(await stores().channels.byIds(organizationId, [dm.id])).toEqual([]);
      }
      const nobody = { id: randomUUID(), organizationId, userIds: [] };
      await expect(stores().channels.openDirectMessage(nobody)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    });

    test('tenants never meet: the same id names a channel of its own in each organization', async () => {
      const [one, two] = [await freshTenant(stores(), 1), await freshTenant(stores(), 1)];
      const id = randomUUID();
      const first = await freshChannel(stores(), { organizationId: one.organizationId, id, name: 'One' });
      expect(await stores().channels.byIds(two.organizationId, [id])).toEqual([]);
      expect(await stores().channels.byHandle(two.organizationId, first.handle)).toBeNull();
      const foreign = { organizationId: two.organizationId, channelId: id, actorId: two.people[0]?.id ?? '' };
      expect(await stores().channels.update({ ...foreign, name: 'Mine' })).toBeNull();
      await stores().channels.touchActivity(two.organizationId, new Map([[id, new Date()]]));
      const second = await freshChannel(stores(), { organizationId: two.organizationId, id, name: 'Two' });
      expect(second).toMatchObject({ id, name: 'Two' });
      expect(await stores().channels.byIds(one.organizationId, [id])).toEqual([first]);
      expect(await stores().channels.memberCounts(two.organizationId, [id])).toEqual(new Map());
    });

    test('what is no organization or no id is not there', async () => {
      const { organizationId } = await freshTenant(stores(), 0);
      const { channels } = stores();
      expect(await channels.byIds('no-uuid', [randomUUID()])).toEqual([]);
      expect(await channels.byIds(organizationId, [])).toEqual([]);
      expect(await channels.byHandle('no-uuid', 'general')).toBeNull();
      expect(await channels.byHandle(organizationId, '')).toBeNull();
      expect(await channels.update({ organizationId, channelId: 'x', actorId: randomUUID() })).toBeNull();
      expect(await channels.memberCounts('no-uuid', ['x'])).toEqual(new Map());
      expect((await channels.pagePublic('no-uuid', { limit: 1, backward: false })).items).toEqual([]);
      await channels.touchActivity(organizationId, new Map([['x', new Date()]]));
      await expect(channels.create(creation({ organizationId: 'x' }))).rejects.toMatchObject({
        code: 'NOT_FOUND',
      });
      await expect(channels.create(creation({ organizationId, id: 'x' }))).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
      });
    });
  });

  describe('direct messages', () => {
    test('50 opened at once, in any order of the people, are one channel with all of them in it', async () => {
      const { organizationId, people } = await freshTenant(stores(), 3);
      const ids = people.map((user) => user.id);
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, i) => {
          const userIds = i % 3 === 0 ? ids : i % 3 === 1 ? ids.toReversed() : [...ids, ...ids];
          return stores().channels.openDirectMessage({ id: randomUUID(), organizationId, userIds });
        }),
      );
      expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
      const [dm] = all;
      expect(dm).toMatchObject({ type: 'DM', visibility: 'PRIVATE', name: '', handle: '', organizationId });
      const members = await stores().memberships.memberIds(organizationId, [dm?.id ?? '']);
      expect([...(members.get(dm?.id ?? '') ?? [])].sort()).toEqual([...ids].sort());
    });

    test('other people, more people and oneself alone are other channels; none takes the empty handle', async () => {
      const { organizationId, people } = await freshTenant(stores(), 3);
      const [a = '', b = '', c = ''] = people.map((user) => user.id);
      const open = (...userIds: string[]) =>
        stores().channels.openDirectMessage({ id: randomUUID(), organizationId, userIds });
      const all = [await open(a, b), await open(a, c), await open(a, b, c), await open(a), await open(b)];
      expect(new Set(all.map((one) => one.id)).size).toBe(5);
      expect((await open(b, a)).id).toBe(all[0]?.id);
      expect(await stores().channels.byHandle(organizationId, '')).toBeNull();
      const page = await stores().channels.pagePublic(organizationId, { limit: 10, backward: false });
      expect(page.items).toEqual([]);
    });

    test('an id that is another channel is a conflict, not that channel', async () => {
      const { organizationId, people } = await freshTenant(stores(), 1);
      const { id } = await freshChannel(stores(), { organizationId });
      const userIds = people.map((user) => user.id);
      await expect(
        stores().channels.openDirectMessage({ id, organizationId, userIds }),
      ).rejects.toMatchObject({
        code: 'CONFLICT',
      });
    });
  });

  describe('changing a channel', () => {
    test('changes what is given, with an outbox row; a change that changes nothing has none', async () => {
      const { organizationId, people } = await freshTenant(stores(), 1);
      const actorId = people[0]?.id ?? '';
      const channel = await freshChannel(stores(), { organizationId, name: 'Old', topic: 'old' });
      const about = { organizationId, channelId: channel.id, actorId };
      const renamed = await stores().channels.update({ ...about, name: 'Älter' });
      expect(renamed?.channel).toEqual({ ...channel, name: 'Älter' });
      expect(renamed?.outbox).toMatchObject({ ...about, kind: 'CHANNEL_UPDATED', userId: null });
      const same = await stores().channels.update({ ...about, name: 'Älter', topic: 'old' });
      expect(same).toEqual({ channel: renamed?.channel, outbox: null });
      expect(await stores().channels.update(about)).toEqual(same);
      const rest = await stores().channels.update({ ...about, topic: '', postingPolicy: 'ADMINS' });
      expect(rest?.channel).toEqual({ ...channel, name: 'Älter', topic: '', postingPolicy: 'ADMINS' });
      const found = await stores().channels.pagePublic(organizationId, {
        limit: 5,
        backward: false,
        search: 'alter',
      });
      expect(found.items.map((item) => item.node.id)).toEqual([channel.id]);
      expect(await stores().channels.update({ ...about, channelId: randomUUID(), name: 'x' })).toBeNull();
    });

    test('10 at once that set the same name announce it once', async () => {
      const { organizationId, people } = await freshTenant(stores(), 1);
      const channel = await freshChannel(stores(), { organizationId });
      const about = { organizationId, channelId: channel.id, actorId: people[0]?.id ?? '' };
      const all = await Promise.all(
        Array.from({ length: 10 }, () => stores().channels.update({ ...about, name: 'New' })),
      );
      expect(all.filter((one) => one?.outbox !== null)).toHaveLength(1);
    });
  });

  describe('pages of public channels', () => {
    test('public ones of the organization by name, then id; search by handle and words', async () => {
      const { organizationId, people } = await freshTenant(stores(), 2);
      const names = ['random', 'Design Team', 'General', 'general', 'Élysée', 'team-b'];
      const made = new Map<string, string>();
      for (const [i, name] of names.entries()) {
        const id = `00000000-0000-4000-8000-00000000000${i}`;
        made.set(name, (await freshChannel(stores(), { organizationId, id, name, handle: `h${i}` })).id);
      }
      await freshChannel(stores(), { organizationId, name: 'Secret', visibility: 'PRIVATE' });
      await stores().channels.openDirectMessage({
        id: randomUUID(),
        organizationId,
        userIds: people.map((user) => user.id),
      });
      const wanted = ['Design Team', 'Élysée', 'General', 'general', 'random', 'team-b'];
      await expectList(
        (page) => stores().channels.pagePublic(organizationId, page),
        (channel) => channel.id,
        wanted.map((name) => made.get(name) ?? ''),
      );
      await expectList(
        (page) => stores().channels.pagePublic(organizationId, { ...page, search: '#TEAM' }),
        (channel) => channel.name,
        ['Design Team', 'team-b'],
      );
      await expectList(
        (page) => stores().channels.pagePublic(organizationId, { ...page, search: 'h3' }),
        (channel) => channel.name,
        ['general'],
      );
      await expectList(
        (page) => stores().channels.pagePublic(organizationId, { ...page, search: 'secret' }),
        (channel) => channel.name,
        [],
      );
    });
  });
}
