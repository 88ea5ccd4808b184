import { builder } from '../builder.ts';
import { PostingPolicy } from '../channels/posting-policy.ts';

export const UpdateChannelInput = builder.inputType('UpdateChannelInput', {
  fields: (t) => ({
    channelId: t.id({ required: true }),
    name: t.string(),
    topic: t.string(),
    postingPolicy: t.field({ type: PostingPolicy }),
  }),
});
