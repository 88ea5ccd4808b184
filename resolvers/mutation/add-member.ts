/** Mutation.addMember. */
import type { Membership } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

export interface MemberInput {
  readonly channelId: string;
  readonly userId: string;
}

export async function addMember(
  input: MemberInput,
  context: Context,
): Promise<{ readonly member: Membership }> {
  const channelId = uuidOf('Channel', input.channelId);
  const userId = uuidOf('User', input.userId);
  return { member: await context.chat.channels.addMember(viewerOf(context), channelId, userId) };
}
