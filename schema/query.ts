import { viewerOf } from '../resolvers/context.ts';
import { channel } from '../resolvers/query/channel.ts';
import { channels } from '../resolvers/query/channels.ts';
import { connectionEndpoint } from '../resolvers/query/connection-endpoint.ts';
import { node, nodes } from '../resolvers/query/node.ts';
import { user } from '../resolvers/query/user.ts';
import { users } from '../resolvers/query/users.ts';
import { builder } from './builder.ts';
import { ChannelConnection } from './channels/channel-connection.ts';
import { aPage } from './cost.ts';
import { ConnectionEndpoint } from './people/connection-endpoint.ts';
import { UserConnection } from './people/user-connection.ts';
import { ChannelRef, UserRef, ViewerRef } from './refs.ts';

builder.queryType({
  fields: (t) => ({
    node: t.field({
      type: builder.nodeInterfaceRef(),
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_root, args, context) => node(args, context),
    }),
    nodes: t.field({
      type: [builder.nodeInterfaceRef()],
      nullable: { list: false, items: true },
      args: { ids: t.arg.idList({ required: true }) },
      resolve: (_root, args, context) => nodes(args, context),
    }),
    viewer: t.field({ type: ViewerRef, resolve: (_root, _args, context) => viewerOf(context) }),
    channel: t.field({
      type: ChannelRef,
      nullable: true,
      description: 'Null when there is none that the viewer may see.',
      args: { id: t.arg.id(), handle: t.arg.string() },
      resolve: (_root, args, context) => channel(args, context),
    }),
    user: t.field({
      type: UserRef,
      nullable: true,
      args: { id: t.arg.id(), handle: t.arg.string() },
      resolve: (_root, args, context) => user(args, context),
    }),
    channels: t.field({
      extensions: aPage,
      type: ChannelConnection,
      description: "Public channels of the viewer's organization, by name.",
      args: { ...t.arg.connectionArgs(), search: t.arg.string() },
      resolve: (_root, args, context) => channels(args, context),
    }),
    users: t.field({
      extensions: aPage,
      type: UserConnection,
      description: "People of the viewer's organization, by name.",
      args: { ...t.arg.connectionArgs(), search: t.arg.string() },
      resolve: (_root, args, context) => users(args, context),
    }),
    connectionEndpoint: t.field({
      type: ConnectionEndpoint,
      description:
        'Which edge server this user should hold its one WebSocket to: people of one organization share an edge while it has room.',
      resolve: (_root, _args, context) => connectionEndpoint(context),
    }),
  }),
});
