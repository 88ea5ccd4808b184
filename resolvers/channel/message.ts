/** Channel.message and Channel.lastMessage: one message by its number. */
import type { Channel } from '../../src/chat/channels/port.ts';
import type { Message } from '../../src/chat/messages/message.ts';
import type { Context } from '../context.ts';

/** Null when the channel has no message of this number. */
export async function message(
  channel: Channel,
  args: { readonly seq: number },
  { loaders }: Context,
): Promise<Message | null> {
  if (args.seq < 1) return null;
  loaders.channels.prime(channel.id, channel);
  return loaders.messages.load({ channelId: channel.id, seq: args.seq });
}

/** Null when nothing was sent yet. */
export async function lastMessage(channel: Channel, context: Context): Promise<Message | null> {
  return message(channel, { seq: await context.loaders.heads.load(channel.id) }, context);
}
