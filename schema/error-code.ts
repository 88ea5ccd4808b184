import { builder } from './builder.ts';

builder.enumType('ErrorCode', {
  description: '`extensions.code` of every error.',
  values: {
    UNAUTHENTICATED: {},
    FORBIDDEN: {},
    NOT_FOUND: {},
    BAD_USER_INPUT: {},
    CONFLICT: {},
    RATE_LIMITED: { description: 'extensions.retryAfterMs says when to try again.' },
    QUERY_TOO_COMPLEX: {},
    UNAVAILABLE: {
      description:
        'A store did not answer. extensions.retryable is true; repeating a send with its clientMessageId is safe.',
    },
    INTERNAL_SERVER_ERROR: {},
  } as const,
});
