import type { Channel } from '../../src/chat/channels/port.ts';
import { builder } from '../builder.ts';
import { ChannelRef } from '../refs.ts';

export const ChannelPayload = builder.objectRef<{ readonly channel: Channel }>('ChannelPayload').implement({
  fields: (t) => ({ channel: t.field({ type: ChannelRef, resolve: ({ channel }) => channel }) }),
});
