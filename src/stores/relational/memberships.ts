/** Memberships: reading. Pages are in membership-pages.ts, changes in membership-changes.ts, advance in advance.ts. */
import { sql } from 'kysely';
import type { MembershipStore } from '../../chat/channels/port.ts';
import { advance } from './advance.ts';
import { channelIdsLookups } from './channel-ids.ts';
import type { Database } from './database.ts';
import { type KeptMemberships, keptMembershipsOf } from './kept-memberships.ts';
import { addMembers, removeMember, updateSettings } from './membership-changes.ts';
import { membershipLookups } from './membership-lookups.ts';
import { pageOfChannel, pageOfUser } from './membership-pages.ts';
import { updateRole } from './membership-role.ts';
import { membershipOf } from './membership-row.ts';
import { follow } from './threads.ts';
import { areUuids, uuidsOf } from './uuids.ts';

/** Most members that `memberIds` names of a channel. */
const NAMED_MEMBERS = 10;

/** @param kept what is kept in memory of memberships, shared with whatever else keeps some. */
export const createMembershipStore = (
  database: Database,
  kept: KeptMemberships | null = keptMembershipsOf(database),
): MembershipStore => ({
  ofUser: membershipLookups(database, kept),
  ...(kept && { ofUserNow: (...place) => kept.ofUserNow(...place) }),

  ofUsers: (organizationId, places) =>
    database.run(async (db) => {
      const wanted = places.filter(({ userId, channelId }) => areUuids(userId, channelId));
      if (wanted.length === 0 || !areUuids(organizationId)) return [];
      const users = wanted.map(({ userId }) => userId);
      const channels = wanted.map(({ channelId }) => channelId);
      const rows = await db
        .selectFrom('memberships')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where(
          sql<boolean>`(user_id, channel_id) in (select * from unnest(${users}::uuid[], ${channels}::uuid[]))`,
        )
        .execute();
      return rows.map(membershipOf);
    }),

  byIds: (organizationId, ids) =>
    database.run(async (db) => {
      const wanted = uuidsOf(ids);
      if (wanted.length === 0 || !areUuids(organizationId)) return [];
      const rows = await db
        .selectFrom('memberships')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('id', '=', sql<string>`any(${wanted}::uuid[])`)
        .execute();
      return rows.map(membershipOf);
    }),

  channelIdsOf: channelIdsLookups(database),

  memberIds: (organizationId, channelIds) =>
    database.run(async (db) => {
      const wanted = uuidsOf(channelIds);
      const members = new Map<string, string[]>();
      if (wanted.length === 0 || !areUuids(organizationId)) return members;
      const { rows } = await sql<{ channel_id: string; user_id: string }>`
        select wanted.channel_id, member.user_id
        from unnest(${wanted}::uuid[]) as wanted (channel_id)
        cross join lateral (
          select user_id, joined_at, id from memberships
          where organization_id = ${organizationId} and channel_id = wanted.channel_id
          order by joined_at, id limit ${NAMED_MEMBERS}
        ) as member
        order by wanted.channel_id, member.joined_at, member.id`.execute(db);
      for (const row of rows) {
        const ids = members.get(row.channel_id);
        if (ids === undefined) members.set(row.channel_id, [row.user_id]);
        else ids.push(row.user_id);
      }
      return members;
    }),

  adminCount: (organizationId, channelId) =>
    database.run(async (db) => {
      if (!areUuids(organizationId, channelId)) return 0;
      const row = await db
        .selectFrom('memberships')
        .select((eb) => eb.fn.countAll<string | number>().as('admins'))
        .where('organization_id', '=', organizationId)
        .where('channel_id', '=', channelId)
        .where('role', '=', 'ADMIN')
        .executeTakeFirstOrThrow();
      return Number(row.admins);
    }),

  pageOfUser: (organizationId, userId, page) => pageOfUser(database, organizationId, userId, page),
  pageOfChannel: (organizationId, channelId, page) =>
    pageOfChannel(database, organizationId, channelId, page),
  add: (input) => addMembers(database, input),
  follow: (input) => follow(database, input),
  updateRole: (input) => updateRole(database, input),
  remove: (input) => removeMember(database, input),
  updateSettings: (input) => updateSettings(database, input),
  advance: (moves) => advance(database, moves, kept),
});
