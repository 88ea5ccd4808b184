import { builder } from '../builder.ts';

export const MessageInput = builder.inputType('MessageInput', {
  fields: (t) => ({ messageId: t.id({ required: true }) }),
});
