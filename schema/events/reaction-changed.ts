import { eventUser } from '../../resolvers/event/subjects.ts';
import { encodeId, messageKey } from '../../resolvers/global-id.ts';
import { builder } from '../builder.ts';
import { type EventOf, EventRef, UserRef } from '../refs.ts';

builder.objectRef<EventOf<'ReactionChanged'>>('ReactionChanged').implement({
  description: 'Somebody reacted to a message, or took a reaction back.',
  interfaces: [EventRef],
  fields: (t) => ({
    messageId: t.id({ resolve: (event) => encodeId('Message', messageKey(event)) }),
    emoji: t.exposeString('emoji'),
    count: t.exposeInt('count', { description: 'How many have it now.' }),
    user: t.field({ type: UserRef, resolve: (event, _args, context) => eventUser(event, context) }),
    isAdded: t.exposeBoolean('isAdded'),
  }),
});
