import { builder } from '../builder.ts';
import { ChannelMemberRef } from '../refs.ts';

export const ChannelMemberConnection = builder.connectionObject({
  type: ChannelMemberRef,
  name: 'ChannelMemberConnection',
});
