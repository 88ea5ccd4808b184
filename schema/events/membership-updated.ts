import { eventMembership } from '../../resolvers/event/subjects.ts';
import { builder } from '../builder.ts';
import { type EventOf, EventRef, MembershipRef } from '../refs.ts';

builder.objectRef<EventOf<'MembershipUpdated'>>('MembershipUpdated').implement({
  description:
    "The viewer's own membership changed here or on another device: joined, muted, read further. `position`: for a channel that is new to this connection, where its events start.",
  interfaces: [EventRef],
  fields: (t) => ({
    membership: t.field({
      type: MembershipRef,
      resolve: (event, _args, context) => eventMembership(event, context),
    }),
    position: t.exposeString('position', { nullable: true }),
  }),
});
