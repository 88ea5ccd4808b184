import { builder } from '../builder.ts';

export const MarkReadInput = builder.inputType('MarkReadInput', {
  fields: (t) => ({
    channelId: t.id({ required: true }),
    seq: t.int({ required: true }),
    markUnread: t.boolean(),
  }),
});
