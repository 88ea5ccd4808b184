import { builder } from '../builder.ts';
import { type EventOf, EventRef } from '../refs.ts';

builder.objectRef<EventOf<'Ready'>>('Ready').implement({
  description: 'The subscription is live.',
  interfaces: [EventRef],
  fields: (t) => ({ connectionId: t.exposeID('connectionId') }),
});
