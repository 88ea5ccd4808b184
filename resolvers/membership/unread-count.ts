/** Membership.unreadCount: arithmetic on the checkpoint, which was read first, and the head. */
import { loaded } from '../../loaders/batch.ts';
import type { Membership } from '../../src/chat/channels/port.ts';
import { unreadCount as unread } from '../../src/chat/memberships/sidebar.ts';
import type { Context } from '../context.ts';

/** At once when the head is known already. */
export function unreadCount(
  { channelId, checkpoint }: Membership,
  { loaders }: Context,
): number | Promise<number> {
  const head = loaded(loaders.heads, channelId);
  return typeof head === 'number'
    ? unread(head, checkpoint)
    : head.then((known) => unread(known, checkpoint));
}
