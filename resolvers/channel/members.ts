/** Channel.members: who is in it, in the order they joined. */
import type { Channel, Membership } from '../../src/chat/channels/port.ts';
import type { PageArgs } from '../../src/chat/paging/page-args.ts';
import { type Connection, connect } from '../connection.ts';
import { type Context, viewerOf } from '../context.ts';

export function members(channel: Channel, args: PageArgs, context: Context): Promise<Connection<Membership>> {
  const viewer = viewerOf(context);
  return connect('members', args, (page) => context.chat.channels.pageOfMembers(viewer, channel.id, page));
}
