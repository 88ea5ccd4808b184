import { builder } from '../builder.ts';

export const NotificationReason = builder.enumType('NotificationReason', {
  values: {
    MENTION: {},
    DIRECT_MESSAGE: {},
    NOTIFY_ALWAYS: { description: 'The membership asks to be told of everything.' },
    THREAD_REPLY: {},
  } as const,
});
