/** Mutation.updateMemberRole. */
import type { Membership, Role } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';
import type { MemberInput } from './add-member.ts';

export interface MemberRoleInput extends MemberInput {
  readonly role: Role;
}

export async function updateMemberRole(
  input: MemberRoleInput,
  context: Context,
): Promise<{ readonly member: Membership }> {
  const channelId = uuidOf('Channel', input.channelId);
  const userId = uuidOf('User', input.userId);
  const { role } = input;
  return { member: await context.chat.channels.updateMemberRole(viewerOf(context), channelId, userId, role) };
}
