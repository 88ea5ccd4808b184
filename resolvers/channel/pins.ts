/** Channel.pins: the pinned messages, oldest to newest. */
import type { Channel } from '../../src/chat/channels/port.ts';
import type { MessagePage } from '../../src/chat/messages/connection.ts';
import { type PageArgs, pageSize } from '../../src/chat/paging/page-args.ts';
import { type Context, viewerOf } from '../context.ts';
import { headsOf } from './heads.ts';

export async function pins(channel: Channel, args: PageArgs, context: Context): Promise<MessagePage> {
  pageSize(args);
  const { loaders, chat } = context;
  loaders.channels.prime(channel.id, channel);
  return chat.messages.pins(viewerOf(context), channel.id, args, await headsOf(channel, context));
}
