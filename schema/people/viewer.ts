import { found } from '../../resolvers/found.ts';
import { encodeId } from '../../resolvers/global-id.ts';
import { memberships } from '../../resolvers/viewer/memberships.ts';
import { notifications } from '../../resolvers/viewer/notifications.ts';
import { ChannelType } from '../channels/channel-type.ts';
import { aPage, aSearch } from '../cost.ts';
import { MembershipConnection } from '../memberships/membership-connection.ts';
import { MembershipOrder } from '../memberships/membership-order.ts';
import { NotificationConnection } from '../notifications/notification-connection.ts';
import { OrganizationRef, UserRef, ViewerRef } from '../refs.ts';

ViewerRef.implement({
  description: "The signed-in user's own view.",
  fields: (t) => ({
    id: t.id({
      description: 'Of the user in the organization, so that caches keep one viewer.',
      resolve: (viewer) => encodeId('Viewer', viewer.userId),
    }),
    user: t.field({
      type: UserRef,
      resolve: async (viewer, _args, { loaders }) =>
        found('The user', await loaders.users.load(viewer.userId)),
    }),
    organization: t.field({
      type: OrganizationRef,
      resolve: async (viewer, _args, { loaders }) =>
        found('The organization', await loaders.organizations.load(viewer.tenant.organizationId)),
    }),
    memberships: t.field({
      extensions: aPage,
      type: MembershipConnection,
      description: "The viewer's channels and DMs: the sidebar. Ordered by affinity unless asked otherwise.",
      args: {
        ...t.arg.connectionArgs(),
        orderBy: t.arg({ type: MembershipOrder }),
        types: t.arg({ type: [ChannelType] }),
        unreadOnly: t.arg.boolean(),
      },
      resolve: (_viewer, args, context) => memberships(args, context),
    }),
    unreadTotal: t.int({
      extensions: aSearch,
      nullable: true,
      description: 'Over all channels that are not muted.',
      resolve: (viewer, _args, { chat }) => chat.memberships.unreadTotal(viewer),
    }),
    mentionTotal: t.int({
      extensions: aSearch,
      nullable: true,
      resolve: (viewer, _args, { chat }) => chat.notifications.mentionTotal(viewer),
    }),
    notifications: t.field({
      extensions: aPage,
      type: NotificationConnection,
      description: 'Messages that notified the viewer, newest first.',
      args: t.arg.connectionArgs(),
      resolve: (_viewer, args, context) => notifications(args, context),
    }),
  }),
});
