import { builder } from '../builder.ts';

export const UpdateMembershipInput = builder.inputType('UpdateMembershipInput', {
  fields: (t) => ({
    channelId: t.id({ required: true }),
    isMuted: t.boolean(),
    notifyAlways: t.boolean(),
  }),
});
