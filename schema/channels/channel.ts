import { changedMessages } from '../../resolvers/channel/changed-messages.ts';
import { cursorAt, cursorOf } from '../../resolvers/channel/cursors.ts';
import { members } from '../../resolvers/channel/members.ts';
import { lastMessage, message } from '../../resolvers/channel/message.ts';
import { messages } from '../../resolvers/channel/messages.ts';
import { pins } from '../../resolvers/channel/pins.ts';
import { head, viewerMembership } from '../../resolvers/channel/place.ts';
import { threadRoot } from '../../resolvers/channel/thread-root.ts';
import { builder } from '../builder.ts';
import { aPage, aRow, aSearch } from '../cost.ts';
import { ChannelMemberConnection } from '../memberships/channel-member-connection.ts';
import { MessageConnection } from '../messages/message-connection.ts';
import { ChannelRef, MembershipRef, MessageRef } from '../refs.ts';
import { ChannelType } from './channel-type.ts';
import { ChannelVisibility } from './channel-visibility.ts';
import { PostingPolicy } from './posting-policy.ts';

builder.node(ChannelRef, {
  description: 'A gap-free log of messages: the message after number n is number n + 1.',
  id: { resolve: (channel) => channel.id },
  fields: (t) => ({
    type: t.expose('type', { type: ChannelType }),
    visibility: t.expose('visibility', { type: ChannelVisibility }),
    postingPolicy: t.expose('postingPolicy', { type: PostingPolicy }),
    name: t.exposeString('name', {
      description: 'Empty for DMs and threads: what a viewer calls those is Membership.title.',
    }),
    handle: t.exposeString('handle', {
      description: 'Unique in the organization; empty for DMs and threads.',
    }),
    topic: t.exposeString('topic'),
    createdAt: t.expose('createdAt', { type: 'DateTime' }),
    archivedAt: t.expose('archivedAt', { type: 'DateTime', nullable: true }),
    memberCount: t.int({
      resolve: async (channel, _args, { loaders }) => (await loaders.memberCounts.load(channel.id)) ?? 0,
    }),
    members: t.field({
      extensions: aPage,
      type: ChannelMemberConnection,
      args: t.arg.connectionArgs(),
      resolve: (channel, args, context) => members(channel, args, context),
    }),
    viewerMembership: t.field({
      type: MembershipRef,
      nullable: true,
      description: 'Null when the viewer is not a member.',
      resolve: (channel, _args, context) => viewerMembership(channel, context),
    }),
    head: t.int({
      nullable: true,
      description:
        'Number of the newest message, which is also how many were ever sent; 0 when empty. Null when the message store does not answer.',
      resolve: (channel, _args, context) => head(channel, context),
    }),
    firstSeq: t.int({
      nullable: true,
      description: 'Number of the oldest message still kept: 1 unless a retention rule removed some.',
      // There are no retention rules yet, so this is true of every channel.
      resolve: () => 1,
    }),
    lastMessage: t.field({
      extensions: aRow,
      type: MessageRef,
      nullable: true,
      resolve: (channel, _args, context) => lastMessage(channel, context),
    }),
    messages: t.field({
      extensions: aPage,
      type: MessageConnection,
      nullable: true,
      description:
        "Oldest to newest. Without arguments: the newest 50. `around`: 50 messages centred on that number, clamped to 1 and head. `aroundUnread`: centred on the viewer's checkpoint; the newest page when nothing is unread. Both PageInfo flags are always exact. At most 200 a page. `after` and `before` take page cursors and event cursors alike, both exclusive.",
      args: { ...t.arg.connectionArgs(), around: t.arg.int(), aroundUnread: t.arg.boolean() },
      resolve: (channel, args, context, info) => messages(channel, args, context, info),
    }),
    changedMessages: t.field({
      extensions: aPage,
      type: MessageConnection,
      nullable: true,
      description:
        'Messages changed since a position (edited, deleted, reacted to, ...), each once (at its newest change), as they are now: what a client with a cache asks for after HistorySkipped.',
      args: {
        after: t.arg.string({
          required: true,
          description:
            'A cursor of an event or a position of this channel, or the endCursor of the page before.',
        }),
        first: t.arg.int(),
      },
      resolve: (channel, args, context) => changedMessages(channel, args, context),
    }),
    message: t.field({
      extensions: aRow,
      type: MessageRef,
      nullable: true,
      args: { seq: t.arg.int({ required: true }) },
      resolve: (channel, args, context) => message(channel, args, context),
    }),
    cursorAt: t.string({
      extensions: aSearch,
      nullable: true,
      description:
        'A cursor to page from: the last message before this instant (jump to date); before the first one, the same as cursorOf(seq: 0).',
      args: { date: t.arg({ type: 'DateTime', required: true }) },
      resolve: (channel, args, context) => cursorAt(channel, args, context),
    }),
    cursorOf: t.string({
      nullable: true,
      description:
        'A cursor to page from: the message of this number, 0 to head (jump to message, jump to unread); 0 stands before the first.',
      args: { seq: t.arg.int({ required: true }) },
      resolve: (channel, args, context) => cursorOf(channel, args, context),
    }),
    pins: t.field({
      extensions: aPage,
      type: MessageConnection,
      nullable: true,
      description: 'The pinned messages, oldest to newest.',
      args: t.arg.connectionArgs(),
      resolve: (channel, args, context) => pins(channel, args, context),
    }),
    threadRoot: t.field({
      extensions: aRow,
      type: MessageRef,
      nullable: true,
      description: 'For a thread: the message it answers.',
      resolve: (channel, _args, context) => threadRoot(channel, context),
    }),
  }),
});
