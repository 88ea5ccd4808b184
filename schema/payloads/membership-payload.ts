import type { Membership } from '../../src/chat/channels/port.ts';
import { builder } from '../builder.ts';
import { MembershipRef } from '../refs.ts';

export const MembershipPayload = builder
  .objectRef<{ readonly membership: Membership }>('MembershipPayload')
  .implement({
    fields: (t) => ({
      membership: t.field({ type: MembershipRef, resolve: ({ membership }) => membership }),
    }),
  });
