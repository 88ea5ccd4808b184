import { builder } from '../builder.ts';

export const MembershipOrder = builder.enumType('MembershipOrder', {
  values: ['AFFINITY', 'LATEST_ACTIVITY', 'NAME'] as const,
});
