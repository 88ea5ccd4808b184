/** A user's sidebar, and a channel's members, page by page. */
import { sql } from 'kysely';
import type { Membership, MembershipOrder, MembershipStore } from '../../chat/channels/port.ts';
import { HALF_LIFE_MS } from '../../chat/memberships/affinity.ts';
import type { KeysetPage, KeysetSlice } from '../../chat/people/port.ts';
import type { Database } from './database.ts';
import { type KeysetOrder, type KeysetSource, keysetSlice } from './keyset.ts';
import { membershipOf } from './membership-row.ts';
import { byHighest, byInstant, byNameKey } from './orders.ts';
import type { MembershipRow } from './tables.ts';
import { areUuids } from './uuids.ts';

/**
 * log2 of the score at any time, but for a summand that is the same for all: scores decay alike, so their order stays.
 * Counted in half-lives since the epoch. A score of 0 comes last.
 */
const rank = sql<number>`case when memberships.affinity > 0
  then ln(memberships.affinity) / ln(2.0::double precision)
    + (extract(epoch from memberships.affinity_at) * 1000)::double precision / ${sql.lit(HALF_LIFE_MS)}::double precision
  else '-Infinity'::double precision end`;

const sidebarOrder: Readonly<Record<MembershipOrder, KeysetOrder>> = {
  AFFINITY: byHighest('ma1', rank),
  LATEST_ACTIVITY: byInstant('ml1', sql.ref('channels.last_activity_at'), true),
  NAME: byNameKey('mn1', sql.ref('channels.name_key')),
};

const nothing: KeysetSlice<Membership> = { items: [], hasNext: false, hasPrevious: false };

export function pageOfUser(
  database: Database,
  organizationId: string,
  userId: string,
  page: Parameters<MembershipStore['pageOfUser']>[2],
): Promise<KeysetSlice<Membership>> {
  const { orderBy, types = ['CHANNEL', 'DM'] } = page;
  const source: KeysetSource = {
    columns: sql`memberships.*`,
    from: sql`memberships join channels
      on channels.organization_id = memberships.organization_id and channels.id = memberships.channel_id`,
    where: sql<boolean>`memberships.organization_id = ${organizationId} and memberships.user_id = ${userId}
      and channels.type = any(${types}::text[])`,
    id: sql.ref('memberships.id'),
    order: sidebarOrder[orderBy],
  };
  return database.run(async (db) =>
    areUuids(organizationId, userId)
      ? keysetSlice<MembershipRow, Membership>(db, source, page, membershipOf)
      : nothing,
  );
}

export function pageOfChannel(
  database: Database,
  organizationId: string,
  channelId: string,
  page: KeysetPage,
): Promise<KeysetSlice<Membership>> {
  const source: KeysetSource = {
    columns: sql`memberships.*`,
    from: sql`memberships`,
    where: sql<boolean>`organization_id = ${organizationId} and channel_id = ${channelId}`,
    id: sql.ref('id'),
    order: byInstant('cm1', sql.ref('joined_at'), false),
  };
  return database.run(async (db) =>
    areUuids(organizationId, channelId)
      ? keysetSlice<MembershipRow, Membership>(db, source, page, membershipOf)
      : nothing,
  );
}
