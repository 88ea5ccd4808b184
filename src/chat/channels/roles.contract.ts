/** What every adapter keeps of archiving, and of roles: the last admin stays one, whoever is asked at once. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { freshTenant } from '../people/testing/tenant.ts';
import type { Role } from './port.ts';
import { type ChannelStores, freshChannel, membershipOf } from './testing/channels.ts';

export function roleContract(stores: () => ChannelStores): void {
  /** A channel of `count` people, the first its admin. */
  async function scene(count: number) {
    const { organizationId, people } = await freshTenant(stores(), count);
    const ids = people.map((user) => user.id);
    const [actorId = ''] = ids;
    const channel = await freshChannel(stores(), { organizationId, creatorId: actorId, memberIds: ids });
    const about = { organizationId, channelId: channel.id, actorId };
    const set = (userId: string, role: Role) => stores().memberships.updateRole({ ...about, userId, role });
    const openRows = () => stores().outbox.open(organizationId, channel.id, 100);
    return { organizationId, channel, ids, about, set, openRows };
  }

  describe('roles', () => {
    test('change with a row in the outbox; one that is so already has none', async () => {
      const { channel, ids, about, set, openRows } = await scene(2);
      const [, other = ''] = ids;
      const before = await membershipOf(stores(), channel, other);
      const made = await set(other, 'ADMIN');
      expect(made).toEqual({
        membership: { ...before, role: 'ADMIN' },
        outbox: expect.objectContaining({ ...about, kind: 'CHANNEL_UPDATED', userId: null }),
      });
      expect(await membershipOf(stores(), channel, other)).toEqual({ ...before, role: 'ADMIN' });
      expect(await set(other, 'ADMIN')).toEqual({ membership: { ...before, role: 'ADMIN' }, outbox: null });
      expect(await set(other, 'MEMBER')).toMatchObject({ membership: before });
      expect(await openRows()).toHaveLength(2);
    });

    test('the last admin stays one', async () => {
      const { channel, ids, set, openRows } = await scene(2);
      const [admin = '', other = ''] = ids;
      expect(await set(admin, 'MEMBER')).toBe('LAST_ADMIN');
      expect(await membershipOf(stores(), channel, admin)).toMatchObject({ role: 'ADMIN' });
      expect(await openRows()).toEqual([]);
      await set(other, 'ADMIN');
      expect(await set(admin, 'MEMBER')).toMatchObject({ membership: { userId: admin, role: 'MEMBER' } });
      expect(await set(other, 'MEMBER')).toBe('LAST_ADMIN');
    });

    test('an admin who is deactivated looks after nothing', async () => {
      const { organizationId, channel, ids, set } = await scene(2);
      const [admin = '', other = ''] = ids;
      await set(other, 'ADMIN');
      const { users } = stores();
      const [gone] = await users.byIds(organizationId, [other]);
      await users.deactivate(organizationId, gone?.handle ?? '');
      expect(await set(admin, 'MEMBER')).toBe('LAST_ADMIN');
      expect(await set(other, 'MEMBER')).toMatchObject({ membership: { userId: other, role: 'MEMBER' } });
      expect(await membershipOf(stores(), channel, admin)).toMatchObject({ role: 'ADMIN' });
    });

    test('of admins who demote each other at once, one is left', async () => {
      const { organizationId, channel, ids, set } = await scene(6);
      for (const id of ids) await set(id, 'ADMIN');
      const all = await Promise.all(ids.map((id) => set(id, 'MEMBER')));
      expect(all.filter((one) => one === 'LAST_ADMIN')).toHaveLength(1);
      expect(await stores().memberships.adminCount(organizationId, channel.id)).toBe(1);
    });

    test('nobody else has one: neither strangers nor members of another organization', async () => {
      const { organizationId, about, ids, set } = await scene(1);
      const foreign = await scene(1);
      for (const userId of [foreign.ids[0] ?? '', randomUUID(), 'no-uuid']) {
        expect(await set(userId, 'ADMIN')).toBeNull();
      }
      const [userId = ''] = ids;
      const { memberships } = stores();
      const input = { ...about, userId, role: 'MEMBER' } as const;
      expect(await memberships.updateRole({ ...input, organizationId: foreign.organizationId })).toBeNull();
      expect(await memberships.updateRole({ ...input, channelId: foreign.channel.id })).toBeNull();
      expect(await memberships.updateRole({ ...input, channelId: 'no-uuid' })).toBeNull();
      expect(await memberships.adminCount(organizationId, about.channelId)).toBe(1);
    });
  });

  describe('archiving', () => {
    test('keeps the first instant, is announced once, and is taken back', async () => {
      const { channel, about, openRows } = await scene(1);
      const { channels } = stores();
      const archived = await channels.update({ ...about, isArchived: true });
      expect(archived?.channel).toEqual({ ...channel, archivedAt: expect.any(Date) });
      expect(archived?.outbox).toMatchObject({ ...about, kind: 'CHANNEL_UPDATED', userId: null });
      const again = await channels.update({ ...about, isArchived: true });
      expect(again).toEqual({ channel: archived?.channel, outbox: null });
      // Another change leaves it archived.
      const renamed = await channels.update({ ...about, topic: 'new' });
      expect(renamed?.channel).toEqual({ ...archived?.channel, topic: 'new' });
      const back = await channels.update({ ...about, isArchived: false });
      expect(back?.channel).toEqual({ ...channel, topic: 'new' });
      expect(back?.outbox).not.toBeNull();
      expect((await channels.update({ ...about, isArchived: false }))?.outbox).toBeNull();
      expect(await openRows()).toHaveLength(3);
    });
  });
}
