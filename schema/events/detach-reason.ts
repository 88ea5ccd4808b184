import { builder } from '../builder.ts';

export const DetachReason = builder.enumType('DetachReason', {
  values: {
    LEFT: {},
    REMOVED: {},
    UNAVAILABLE: { description: 'The cursor in `after` is of a channel that the viewer cannot read.' },
  } as const,
});
