import { eventChannel, eventUser } from '../../resolvers/event/subjects.ts';
import { builder } from '../builder.ts';
import { ChannelRef, type EventOf, EventRef, UserRef } from '../refs.ts';

builder.objectRef<EventOf<'MemberJoined'>>('MemberJoined').implement({
  interfaces: [EventRef],
  fields: (t) => ({
    channel: t.field({ type: ChannelRef, resolve: (event, _args, context) => eventChannel(event, context) }),
    user: t.field({ type: UserRef, resolve: (event, _args, context) => eventUser(event, context) }),
  }),
});
