import { builder } from '../builder.ts';

export const SendMessageInput = builder.inputType('SendMessageInput', {
  fields: (t) => ({
    channelId: t.id({ required: true }),
    text: t.string({ required: true }),
    clientMessageId: t.field({
      type: 'UUID',
      description: 'Names this send; made by the client once and reused at every retry.',
    }),
    basis: t.int({
      description: `Number of the newest message the client knew when it first tried this send (in the thread when threadRootId is given; 0 if it has
none): says how far back to look for an earlier copy. With it a repeat is recognised among the last 260,000 messages and beyond
that answered with CONFLICT, never saved a second time. A UUIDv7 as clientMessageId does the same where the client's clock is right
to ten minutes. With neither, a repeat is recognised among at least the channel's last 4,096.`,
    }),
    threadRootId: t.id({
      description:
        'A message of the channel: the send goes to its thread, which is opened if need be. A repeat must name it again.',
    }),
    metadata: t.field({ type: 'JSONObject' }),
  }),
});
