import { builder } from '../builder.ts';

export const OpenDirectMessageInput = builder.inputType('OpenDirectMessageInput', {
  fields: (t) => ({ userIds: t.idList({ required: true }) }),
});
