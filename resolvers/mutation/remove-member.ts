/** Mutation.removeMember. */
import type { Detached } from '../../src/chat/channels/members.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';
import type { MemberInput } from './add-member.ts';

export function removeMember(input: MemberInput, context: Context): Promise<Detached> {
  const channelId = uuidOf('Channel', input.channelId);
  const userId = uuidOf('User', input.userId);
  return context.chat.channels.removeMember(viewerOf(context), channelId, userId);
}
