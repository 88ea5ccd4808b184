import { eventUser } from '../../resolvers/event/subjects.ts';
import { builder } from '../builder.ts';
import { type EventOf, EventRef, UserRef } from '../refs.ts';

builder.objectRef<EventOf<'TypingStarted'>>('TypingStarted').implement({
  description:
    "Somebody types, told every few seconds while they do. Never to the typing user's own connections.",
  interfaces: [EventRef],
  fields: (t) => ({
    user: t.field({ type: UserRef, resolve: (event, _args, context) => eventUser(event, context) }),
  }),
});
