/** Mutation.updateMembership: null and absent alike leave a setting as it is. */
import type { Membership } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

export interface UpdateMembershipInput {
  readonly channelId: string;
  readonly isMuted?: boolean | null | undefined;
  readonly notifyAlways?: boolean | null | undefined;
}

export async function updateMembership(
  input: UpdateMembershipInput,
  context: Context,
): Promise<{ readonly membership: Membership }> {
  const { isMuted, notifyAlways } = input;
  const membership = await context.chat.memberships.updateSettings(viewerOf(context), {
    channelId: uuidOf('Channel', input.channelId),
    ...(isMuted == null ? {} : { isMuted }),
    ...(notifyAlways == null ? {} : { notifyAlways }),
  });
  return { membership };
}
