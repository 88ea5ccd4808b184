import { builder } from '../builder.ts';
import { ChannelVisibility } from '../channels/channel-visibility.ts';
import { PostingPolicy } from '../channels/posting-policy.ts';

export const CreateChannelInput = builder.inputType('CreateChannelInput', {
  fields: (t) => ({
    clientChannelId: t.field({
      type: 'UUID',
      description: 'Names this creation; a repeat returns the first channel.',
    }),
    name: t.string({ required: true }),
    handle: t.string(),
    topic: t.string(),
    visibility: t.field({ type: ChannelVisibility }),
    postingPolicy: t.field({ type: PostingPolicy }),
    memberIds: t.idList(),
  }),
});
