import { eventChannel } from '../../resolvers/event/subjects.ts';
import { builder } from '../builder.ts';
import { ChannelRef, type EventOf, EventRef } from '../refs.ts';

builder.objectRef<EventOf<'ChannelUpdated'>>('ChannelUpdated').implement({
  interfaces: [EventRef],
  fields: (t) => ({
    channel: t.field({ type: ChannelRef, resolve: (event, _args, context) => eventChannel(event, context) }),
  }),
});
