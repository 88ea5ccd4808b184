/** What a notification shows of its message, and whether it was read: both as they are now. */
import type { Message } from '../../src/chat/messages/message.ts';
import type { Notification } from '../../src/chat/notifications/port.ts';
import type { Context } from '../context.ts';

/** Null once the viewer is no member of its channel any more, or no follower of its thread. */
export async function message(notification: Notification, { loaders }: Context): Promise<Message | null> {
  const { channelId, seq } = notification;
  if ((await loaders.viewerMemberships.load(channelId)) === null) return null;
  return loaders.messages.load({ channelId, seq });
}

export async function isRead(notification: Notification, { loaders }: Context): Promise<boolean> {
  const membership = await loaders.viewerMemberships.load(notification.channelId);
  return membership === null || membership.checkpoint >= notification.seq;
}
