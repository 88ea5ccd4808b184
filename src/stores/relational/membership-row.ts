/** A row of `memberships` as the domain sees it. */
import type { Membership } from '../../chat/channels/port.ts';
import type { MembershipRow } from './tables.ts';

export const membershipOf = (row: MembershipRow): Membership => ({
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
