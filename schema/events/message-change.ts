import { builder } from '../builder.ts';

export const MessageChange = builder.enumType('MessageChange', {
  values: {
    EDITED: {},
    DELETED: {},
    PINNED: {},
    UNPINNED: {},
    THREAD: {
      description:
        'A thread was opened under it or its reply count moved; at most once a second. Not replayed one by one.',
    },
    SEVERAL: {
      description: 'In a replay: all that changed, folded into one event with the message as it is now.',
    },
  } as const,
});
