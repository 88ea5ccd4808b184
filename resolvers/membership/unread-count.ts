/** Membership.unreadCount: arithmetic on the checkpoint, which was read first, and the head. */
import type { Membership } from '../../src/chat/channels/port.ts';
import { unreadCount as unread } from '../../src/chat/memberships/sidebar.ts';
import type { Context } from '../context.ts';

export async function unreadCount(membership: Membership, { loaders }: Context): Promise<number> {
  return unread(await loaders.heads.load(membership.channelId), membership.checkpoint);
}
