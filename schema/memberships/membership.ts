import { found } from '../../resolvers/found.ts';
import { mentionCount } from '../../resolvers/membership/mention-count.ts';
import { title } from '../../resolvers/membership/title.ts';
import { unreadCount } from '../../resolvers/membership/unread-count.ts';
import { builder } from '../builder.ts';
import { ChannelRef, MembershipRef } from '../refs.ts';
import { MembershipRole } from './membership-role.ts';

builder.node(MembershipRef, {
  description: "The viewer's own place in a channel. Nobody else can see it.",
  id: { resolve: (membership) => membership.id },
  fields: (t) => ({
    channel: t.field({
      type: ChannelRef,
      resolve: async (membership, _args, { loaders }) =>
        found('The channel', await loaders.channels.load(membership.channelId)),
    }),
    title: t.string({
      description:
        "What to show: the channel's name; for a DM the other people's names; for a thread its first words ('Thread' while the message store does not answer).",
      resolve: (membership, _args, context) => title(membership, context),
    }),
    role: t.expose('role', { type: MembershipRole }),
    joinedAt: t.expose('joinedAt', { type: 'DateTime' }),
    affinityScore: t.float({
      description:
        'How much the user takes part in the channel of late: grows with each send and read, halves every 7 days.',
      resolve: (membership, _args, { chat }) => chat.memberships.affinityScore(membership),
    }),
    isMuted: t.exposeBoolean('isMuted'),
    notifyAlways: t.exposeBoolean('notifyAlways'),
    checkpoint: t.exposeInt('checkpoint', {
      description:
        'Number of the last message read. The head at the time of joining; never decreases unless marked unread.',
    }),
    unreadCount: t.int({
      nullable: true,
      description: 'head - checkpoint, never negative. Null when the message store does not answer.',
      resolve: (membership, _args, context) => unreadCount(membership, context),
    }),
    mentionCount: t.int({
      nullable: true,
      description: 'Unread messages that mention the user.',
      resolve: (membership, _args, context) => mentionCount(membership, context),
    }),
  }),
});
