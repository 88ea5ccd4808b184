import type { Membership } from '../../src/chat/channels/port.ts';
import { builder } from '../builder.ts';
import { ChannelMemberRef } from '../refs.ts';

export const ChannelMemberPayload = builder
  .objectRef<{ readonly member: Membership }>('ChannelMemberPayload')
  .implement({
    fields: (t) => ({ member: t.field({ type: ChannelMemberRef, resolve: ({ member }) => member }) }),
  });
