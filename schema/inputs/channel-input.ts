import { builder } from '../builder.ts';

export const ChannelInput = builder.inputType('ChannelInput', {
  fields: (t) => ({ channelId: t.id({ required: true }) }),
});
