/** Mutation.joinChannel. */
import type { Membership } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

export async function joinChannel(
  input: { readonly channelId: string },
  context: Context,
): Promise<{ readonly membership: Membership }> {
  const channelId = uuidOf('Channel', input.channelId);
  return { membership: await context.chat.channels.join(viewerOf(context), channelId) };
}
