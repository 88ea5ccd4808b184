import { encodeId } from '../../resolvers/global-id.ts';
import { builder } from '../builder.ts';
import { type EventOf, EventRef } from '../refs.ts';
import { DetachReason } from './detach-reason.ts';

builder.objectRef<EventOf<'ChannelDetached'>>('ChannelDetached').implement({
  description: 'No more events come of this channel.',
  interfaces: [EventRef],
  fields: (t) => ({
    membershipId: t.id({
      nullable: true,
      resolve: ({ membershipId }) => membershipId && encodeId('Membership', membershipId),
    }),
    reason: t.expose('reason', { type: DetachReason }),
  }),
});
