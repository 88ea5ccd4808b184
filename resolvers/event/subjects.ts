/** Whom and what an event is about, loaded when it is delivered: as they are now. */
import type { Channel, Membership } from '../../src/chat/channels/port.ts';
import type { Message } from '../../src/chat/messages/message.ts';
import type { Notification } from '../../src/chat/notifications/port.ts';
import type { User } from '../../src/chat/people/port.ts';
import type { Context } from '../context.ts';
import { found } from '../found.ts';

/** The hub has made sure that the viewer may have the event, so its channel is not asked about again. */
export async function eventChannel(
  event: { readonly channelId: string },
  { loaders }: Context,
): Promise<Channel> {
  return found('The channel', await loaders.channels.load(event.channelId));
}

export async function eventUser(event: { readonly userId: string }, { loaders }: Context): Promise<User> {
  return found('The user', await loaders.users.load(event.userId));
}

export async function eventMembership(
  event: { readonly membershipId: string },
  { loaders }: Context,
): Promise<Membership> {
  return found('The membership', await loaders.memberships.load(event.membershipId));
}

/** Read when the event is delivered: it holds every change up to the event's own. At once when it is loaded already. */
export function eventMessage(
  event: { readonly channelId: string; readonly seq: number },
  { loaders }: Context,
): Message | Promise<Message> {
  const known = loaders.messages.peek(event);
  if (known !== undefined) return found('The message', known);
  return loaders.messages.load(event).then((message) => found('The message', message));
}

/** An alert may come late: who is no member any more is told nothing. The message proves where its channel ends. */
export async function eventNotification(
  { notification, membershipId }: { readonly notification: Notification; readonly membershipId: string },
  { loaders }: Context,
): Promise<Notification> {
  const { channelId, seq } = notification;
  loaders.heads.seen(channelId, seq);
  found('The membership', await loaders.memberships.load(membershipId));
  return notification;
}
