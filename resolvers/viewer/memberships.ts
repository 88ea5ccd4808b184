/** Viewer.memberships: the sidebar. */
import type { ChannelType, Membership, MembershipOrder } from '../../src/chat/channels/port.ts';
import type { PageArgs } from '../../src/chat/paging/page-args.ts';
import { type Connection, connect } from '../connection.ts';
import { type Context, viewerOf } from '../context.ts';

export interface SidebarArgs extends PageArgs {
  readonly orderBy?: MembershipOrder | null | undefined;
  readonly types?: readonly ChannelType[] | null | undefined;
  readonly unreadOnly?: boolean | null | undefined;
}

export function memberships(args: SidebarArgs, context: Context): Promise<Connection<Membership>> {
  const viewer = viewerOf(context);
  const orderBy = args.orderBy ?? 'AFFINITY';
  const filter = {
    orderBy,
    unreadOnly: args.unreadOnly ?? false,
    ...(args.types == null ? {} : { types: args.types }),
  };
  return connect(`memberships.${orderBy}`, args, async (page) => {
    const slice = await context.chat.memberships.page(viewer, filter, page);
    for (const { node } of slice.items) context.loaders.viewerMemberships.prime(node.channelId, node);
    return slice;
  });
}
