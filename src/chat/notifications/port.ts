/** Notifications as the domain sees them: a message that told somebody. Kept in Postgres for 90 days. */

export type NotificationReason = 'MENTION' | 'DIRECT_MESSAGE' | 'NOTIFY_ALWAYS' | 'THREAD_REPLY';

export interface Notification {
  readonly id: string;
  readonly organizationId: string;
  /** Who was told. */
  readonly userId: string;
  /** The channel or thread of the message. */
  readonly channelId: string;
  readonly seq: number;
  readonly reason: NotificationReason;
  readonly createdAt: Date;
}
