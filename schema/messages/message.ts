import { found } from '../../resolvers/found.ts';
import { messageKey } from '../../resolvers/global-id.ts';
import { builder } from '../builder.ts';
import { ChannelRef, MentionRef, MessageRef, UserRef } from '../refs.ts';

builder.node(MessageRef, {
  id: { resolve: ({ channelId, row }) => messageKey({ channelId, seq: row.seq }) },
  fields: (t) => ({
    channel: t.field({
      type: ChannelRef,
      resolve: async (message, _args, { loaders }) => {
        loaders.seen(message);
        return found('The channel', await loaders.channels.load(message.channelId));
      },
    }),
    seq: t.int({
      description: 'Position in the channel, from 1, without gaps.',
      resolve: ({ row }) => row.seq,
    }),
    author: t.field({
      type: UserRef,
      resolve: async ({ row }, _args, { loaders }) =>
        found('The author', await loaders.users.load(row.entry.authorId)),
    }),
    text: t.string({
      description: 'At most 16,000 characters. Empty once deleted.',
      resolve: ({ row }) => row.entry.text,
    }),
    metadata: t.field({
      type: 'JSONObject',
      nullable: true,
      description:
        "Fields of the client's own (blocks, attachments, ...), kept as they came; at most 16 KiB as JSON.",
      resolve: ({ row }) => row.entry.metadata,
    }),
    createdAt: t.field({ type: 'DateTime', resolve: ({ row }) => new Date(row.at) }),
    clientMessageId: t.field({
      type: 'UUID',
      nullable: true,
      description: 'What the sender named this send; a repeat of it never makes a second message.',
      resolve: ({ row }) => row.entry.clientMessageId,
    }),
    mentions: t.field({ type: [MentionRef], resolve: ({ row }) => row.entry.mentions }),
  }),
});
