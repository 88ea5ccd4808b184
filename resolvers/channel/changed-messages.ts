/** Channel.changedMessages: what a client with a cache asks for after a gap. */
import type { Channel } from '../../src/chat/channels/port.ts';
import type { MessagePage } from '../../src/chat/messages/connection.ts';
import { type Context, viewerOf } from '../context.ts';
import { headsOf } from './heads.ts';

export async function changedMessages(
  channel: Channel,
  args: { readonly after: string; readonly first?: number | null | undefined },
  context: Context,
): Promise<MessagePage> {
  const { loaders, chat } = context;
  loaders.channels.prime(channel.id, channel);
  const heads = await headsOf(channel, context);
  return chat.messages.changed(viewerOf(context), channel.id, args, heads);
}
