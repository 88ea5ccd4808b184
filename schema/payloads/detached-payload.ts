import { encodeId } from '../../resolvers/global-id.ts';
import type { Detached } from '../../src/chat/channels/members.ts';
import { builder } from '../builder.ts';

export const DetachedPayload = builder.objectRef<Detached>('DetachedPayload').implement({
  fields: (t) => ({
    channelId: t.id({ resolve: ({ channelId }) => encodeId('Channel', channelId) }),
    membershipId: t.id({
      nullable: true,
      resolve: ({ membershipId }) => membershipId && encodeId('Membership', membershipId),
    }),
  }),
});
