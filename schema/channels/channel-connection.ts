import { builder } from '../builder.ts';
import { ChannelRef } from '../refs.ts';

export const ChannelConnection = builder.connectionObject({ type: ChannelRef, name: 'ChannelConnection' });
