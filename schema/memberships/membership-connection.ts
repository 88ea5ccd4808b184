import { builder } from '../builder.ts';
import { MembershipRef } from '../refs.ts';

export const MembershipConnection = builder.connectionObject({
  type: MembershipRef,
  name: 'MembershipConnection',
});
