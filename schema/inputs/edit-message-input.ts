import { builder } from '../builder.ts';

export const EditMessageInput = builder.inputType('EditMessageInput', {
  fields: (t) => ({
    messageId: t.id({ required: true }),
    text: t.string({ required: true }),
    metadata: t.field({
      type: 'JSONObject',
      description: "Replaces the message's metadata; left out, it stays.",
    }),
    clientChangeId: t.field({
      type: 'UUID',
      description: 'Names this edit; a repeat of it never undoes a newer one.',
    }),
  }),
});
