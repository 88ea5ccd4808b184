/** Message.channel, at once when it is loaded already; and a message in hand proves where its channel's head is. */
import type { Channel } from '../../src/chat/channels/port.ts';
import type { Message } from '../../src/chat/messages/message.ts';
import type { Context } from '../context.ts';
import { found } from '../found.ts';

export function channel(message: Message, { loaders }: Context): Channel | Promise<Channel> {
  loaders.seen(message);
  const known = loaders.channels.peek(message.channelId);
  if (known !== undefined) return found('The channel', known);
  return loaders.channels.load(message.channelId).then((loaded) => found('The channel', loaded));
}
