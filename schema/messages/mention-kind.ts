import { builder } from '../builder.ts';

export const MentionKind = builder.enumType('MentionKind', {
  values: {
    USER: {},
    CHANNEL: { description: '@channel: everyone in the channel.' },
    HERE: { description: '@here: those of them who are active.' },
  } as const,
});
