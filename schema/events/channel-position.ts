import { encodeId } from '../../resolvers/global-id.ts';
import { builder } from '../builder.ts';

export const ChannelPosition = builder
  .objectRef<{ readonly channelId: string; readonly cursor: string }>('ChannelPosition')
  .implement({
    fields: (t) => ({
      channelId: t.id({ resolve: ({ channelId }) => encodeId('Channel', channelId) }),
      cursor: t.exposeString('cursor'),
    }),
  });
