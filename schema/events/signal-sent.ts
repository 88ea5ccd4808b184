import { eventUser } from '../../resolvers/event/subjects.ts';
import { builder } from '../builder.ts';
import { type EventOf, EventRef, UserRef } from '../refs.ts';

builder.objectRef<EventOf<'SignalSent'>>('SignalSent').implement({
  description: 'Retained ones come first to whoever subscribes.',
  interfaces: [EventRef],
  fields: (t) => ({
    user: t.field({ type: UserRef, resolve: ({ signal }, _args, context) => eventUser(signal, context) }),
    name: t.string({ resolve: ({ signal }) => signal.name }),
    payload: t.field({ type: 'JSONObject', nullable: true, resolve: ({ signal }) => signal.payload }),
    key: t.string({ nullable: true, resolve: ({ signal }) => signal.key }),
    sentAt: t.field({ type: 'DateTime', resolve: ({ signal }) => new Date(signal.sentAt) }),
  }),
});
