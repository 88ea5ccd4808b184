/** Notifications as the database gives them, and as the domain sees them. */
import { type RawBuilder, sql } from 'kysely';
import {
  type Notification,
  type NotificationReason,
  notificationId,
  type Told,
} from '../../chat/notifications/port.ts';

export interface NotificationRow {
  readonly id: string;
  readonly organization_id: string;
  readonly channel_id: string;
  readonly seq: string | number;
  readonly user_id: string;
  readonly reason: NotificationReason;
  readonly created_at: Date;
}

export interface ToldRow extends NotificationRow {
  readonly membership_id: string;
  readonly is_muted: boolean;
  readonly parent_id: string | null;
}

export function notificationOf(row: NotificationRow): Notification {
  const seq = Number(row.seq);
  return {
    id: notificationId(row.user_id, row.channel_id, seq),
    organizationId: row.organization_id,
    userId: row.user_id,
    channelId: row.channel_id,
    seq,
    reason: row.reason,
    createdAt: row.created_at,
  };
}

export const toldOf = (row: ToldRow): Told => ({
  notification: notificationOf(row),
  membershipId: row.membership_id,
  isMuted: row.is_muted,
  parentId: row.parent_id,
});

/**
 * All that told one user something, as a table `told`: rows of their own, and mentions of whole channels that they are
 * in. Never of before they came in, of channels that they have left, or of what they said themselves; a message that
 * did both once. Who it is: ids, or columns of a row beside it.
 */
export const toldTo = (
  organizationId: string | RawBuilder<unknown>,
  userId: string | RawBuilder<unknown>,
): RawBuilder<unknown> => sql`(
  select own.id, own.organization_id, own.channel_id, own.seq, own.user_id, own.reason, own.created_at,
    'USER' as kind, memberships.id as membership_id, memberships.is_muted, memberships.checkpoint
  from notifications own join memberships using (organization_id, channel_id, user_id)
  where own.organization_id = ${organizationId} and own.user_id = ${userId}
    and own.seq > memberships.joined_seq
  union all
  select common.id, common.organization_id, common.channel_id, common.seq, memberships.user_id, 'MENTION',
    common.created_at, common.kind, memberships.id, memberships.is_muted, memberships.checkpoint
  from memberships join channel_mentions common using (organization_id, channel_id)
  where memberships.organization_id = ${organizationId} and memberships.user_id = ${userId}
    and common.seq > memberships.joined_seq and common.author_id <> memberships.user_id
    and not exists (
      select from notifications own where own.organization_id = common.organization_id
        and own.channel_id = common.channel_id and own.seq = common.seq and own.user_id = memberships.user_id
    )
) as told`;
