import { builder } from '../builder.ts';

export const PostingPolicy = builder.enumType('PostingPolicy', {
  values: {
    EVERYONE: {},
    ADMINS: { description: 'An audience channel: admins post, everyone else reads, reacts and votes.' },
  } as const,
});
