import { builder } from '../builder.ts';
import { MembershipRole } from '../memberships/membership-role.ts';

export const MemberRoleInput = builder.inputType('MemberRoleInput', {
  fields: (t) => ({
    channelId: t.id({ required: true }),
    userId: t.id({ required: true }),
    role: t.field({ type: MembershipRole, required: true }),
  }),
});
