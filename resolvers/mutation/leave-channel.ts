/** Mutation.leaveChannel. */
import type { Detached } from '../../src/chat/channels/members.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

export function leaveChannel(input: { readonly channelId: string }, context: Context): Promise<Detached> {
  return context.chat.channels.leave(viewerOf(context), uuidOf('Channel', input.channelId));
}
