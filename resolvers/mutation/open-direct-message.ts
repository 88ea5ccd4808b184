/** Mutation.openDirectMessage. */
import type { Channel } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

export async function openDirectMessage(
  input: { readonly userIds: readonly string[] },
  context: Context,
): Promise<{ readonly channel: Channel }> {
  const userIds = input.userIds.map((id) => uuidOf('User', id));
  return { channel: await context.chat.channels.openDirectMessage(viewerOf(context), userIds) };
}
