import { builder } from '../builder.ts';

export const ReactionInput = builder.inputType('ReactionInput', {
  fields: (t) => ({
    messageId: t.id({ required: true }),
    emoji: t.string({
      required: true,
      description: 'A Unicode emoji, or `:name:`. At most 50 different ones on a message.',
    }),
  }),
});
