/** Channel.cursorAt and Channel.cursorOf: places to page from. */
import type { Channel } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';

export const cursorAt = (
  channel: Channel,
  args: { readonly date: Date },
  context: Context,
): Promise<string> => context.chat.messages.cursorAt(viewerOf(context), channel.id, args.date.getTime());

export async function cursorOf(
  channel: Channel,
  args: { readonly seq: number },
  { chat, loaders }: Context,
): Promise<string> {
  return chat.messages.cursorOf(channel.id, args.seq, await loaders.heads.load(channel.id));
}
