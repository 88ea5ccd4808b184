import { eventMessage } from '../../resolvers/event/subjects.ts';
import { builder } from '../builder.ts';
import { type EventOf, EventRef, MessageRef } from '../refs.ts';
import { MessageChange } from './message-change.ts';

builder.objectRef<EventOf<'MessageUpdated'>>('MessageUpdated').implement({
  description: 'A message changed: shown as it is now, with all its changes up to the cursor at least.',
  interfaces: [EventRef],
  fields: (t) => ({
    message: t.field({ type: MessageRef, resolve: (event, _args, context) => eventMessage(event, context) }),
    change: t.expose('change', { type: MessageChange }),
  }),
});
