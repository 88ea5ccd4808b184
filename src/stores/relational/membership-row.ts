/** A row of `memberships` as the domain sees it. */
import { sql } from 'kysely';
import type { Membership } from '../../chat/channels/port.ts';
import type { MembershipRow, Queries } from './tables.ts';

/** What of a row the domain knows. */
export type PlainMembershipRow = Omit<MembershipRow, 'own_ahead' | 'joined_seq'>;

export const membershipOf = (row: PlainMembershipRow): Membership => ({
  id: row.id,
  organizationId: row.organization_id,
  channelId: row.channel_id,
  userId: row.user_id,
  role: row.role,
  joinedAt: row.joined_at,
  affinity: row.affinity,
  affinityAt: row.affinity_at,
  isMuted: row.is_muted,
  notifyAlways: row.notify_always,
  checkpoint: Number(row.checkpoint),
});

/** Those of these people in the channel: one statement. */
export async function membersOf(
  db: Queries,
  organizationId: string,
  channelId: string,
  userIds: readonly string[],
): Promise<readonly Membership[]> {
  const rows = await db
    .selectFrom('memberships')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('channel_id', '=', channelId)
    .where('user_id', '=', sql<string>`any(${userIds}::uuid[])`)
    .execute();
  return rows.map(membershipOf);
}
