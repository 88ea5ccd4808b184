import { builder } from '../builder.ts';
import { type EventOf, EventRef, MessageRef } from '../refs.ts';

builder.objectRef<EventOf<'MessagePosted'>>('MessagePosted').implement({
  interfaces: [EventRef],
  fields: (t) => ({
    message: t.field({ type: MessageRef, resolve: ({ channelId, row }) => ({ channelId, row }) }),
  }),
});
