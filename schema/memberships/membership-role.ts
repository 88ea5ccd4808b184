import { builder } from '../builder.ts';

export const MembershipRole = builder.enumType('MembershipRole', { values: ['MEMBER', 'ADMIN'] as const });
