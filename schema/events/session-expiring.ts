import { builder } from '../builder.ts';
import { type EventOf, EventRef } from '../refs.ts';

builder.objectRef<EventOf<'SessionExpiring'>>('SessionExpiring').implement({
  description:
    "The connection's token ends at this time: send renewSession. Comes 60 s before, or at once for a token that is shorter.",
  interfaces: [EventRef],
  fields: (t) => ({ expiresAt: t.expose('expiresAt', { type: 'DateTime' }) }),
});
