import { eventMembership, eventNotification } from '../../resolvers/event/subjects.ts';
import { builder } from '../builder.ts';
import { type EventOf, EventRef, MembershipRef, NotificationRef } from '../refs.ts';

builder.objectRef<EventOf<'Notified'>>('Notified').implement({
  description:
    "The viewer should be alerted. `isMissed`: the message is older than this subscription's Ready.",
  interfaces: [EventRef],
  fields: (t) => ({
    notification: t.field({
      type: NotificationRef,
      resolve: (event, _args, context) => eventNotification(event, context),
    }),
    membership: t.field({
      type: MembershipRef,
      description: 'With its counts moved on, for the badges.',
      resolve: (event, _args, context) => eventMembership(event, context),
    }),
    isMissed: t.exposeBoolean('isMissed'),
  }),
});
