import { messageKey } from '../../resolvers/global-id.ts';
import { channel } from '../../resolvers/message/channel.ts';
import { author } from '../../resolvers/message/people.ts';
import { deletedAt, editedAt, isPinned } from '../../resolvers/message/shown.ts';
import { replyCount, thread } from '../../resolvers/message/thread.ts';
import { contentNow } from '../../src/chat/messages/content.ts';
import { reactionsOf } from '../../src/chat/messages/reaction.ts';
import { builder } from '../builder.ts';
import { about } from '../cost.ts';
import { ChannelRef, MentionRef, MessageRef, ReactionRef, UserRef } from '../refs.ts';

builder.node(MessageRef, {
  id: { resolve: ({ channelId, row }) => messageKey({ channelId, seq: row.seq }) },
  fields: (t) => ({
    channel: t.field({
      type: ChannelRef,
      resolve: (message, _args, context) => channel(message, context),
    }),
    seq: t.int({
      description: 'Position in the channel, from 1, without gaps.',
      resolve: ({ row }) => row.seq,
    }),
    author: t.field({
      type: UserRef,
      resolve: (message, _args, context) => author(message, context),
    }),
    text: t.string({
      description: 'At most 16,000 characters. Empty once deleted.',
      resolve: ({ row }) => contentNow(row.entry).text,
    }),
    metadata: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        "Fields of the client's own (blocks, attachments, ...), kept as they came; at most 16 KiB as JSON.",
      resolve: ({ row }) => contentNow(row.entry).metadata,
    }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ row }) => new Date(row.at) }),
    editedAt: t.field({ type: 'DateTime', nullable: true, resolve: editedAt }),
    deletedAt: t.field({ type: 'DateTime', nullable: true, resolve: deletedAt }),
    clientMessageId: t.field({
      type: 'UUID',
      nullable: true,
      description: 'What the sender named this send; a repeat of it never makes a second message.',
      resolve: ({ row }) => row.entry.clientMessageId,
    }),
    mentions: t.field({
      extensions: about(1),
      type: [MentionRef],
      resolve: ({ row }) => contentNow(row.entry).mentions,
    }),
    reactions: t.field({
      extensions: about(2),
      type: [ReactionRef],
      description: 'In the order in which each emoji came.',
      resolve: reactionsOf,
    }),
    isPinned: t.boolean({ resolve: isPinned }),
    thread: t.field({
      type: ChannelRef,
      nullable: true,
      description: 'The replies; null until it is opened.',
      resolve: (message, _args, context) => thread(message, context),
    }),
    replyCount: t.int({
      nullable: true,
      description: 'Messages in its thread; 0 without one. Null when the message store does not answer.',
      resolve: (message, _args, context) => replyCount(message, context),
    }),
  }),
});
