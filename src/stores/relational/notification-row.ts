/** Notifications as the database gives them, and as the domain sees them. */
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
