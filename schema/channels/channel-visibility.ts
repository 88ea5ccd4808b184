import { builder } from '../builder.ts';

export const ChannelVisibility = builder.enumType('ChannelVisibility', {
  values: ['PUBLIC', 'PRIVATE'] as const,
});
