import { builder } from '../builder.ts';

export const MemberInput = builder.inputType('MemberInput', {
  fields: (t) => ({ channelId: t.id({ required: true }), userId: t.id({ required: true }) }),
});
