import { builder } from '../builder.ts';

export const ChannelType = builder.enumType('ChannelType', {
  values: {
    CHANNEL: {},
    DM: {
      description:
        'A direct conversation: a channel whose set of members is fixed. The same people always share the same one.',
    },
    THREAD: {
      description: "The replies to one message: a channel under a parent, open to the parent's members.",
    },
  } as const,
});
