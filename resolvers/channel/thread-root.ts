/** Channel.threadRoot: the message that a thread answers, in a channel that whoever reads the thread may read too. */
import type { Channel } from '../../src/chat/channels/port.ts';
import type { Message } from '../../src/chat/messages/message.ts';
import type { Context } from '../context.ts';

/** Null for what is no thread. */
export async function threadRoot({ root }: Channel, { loaders }: Context): Promise<Message | null> {
  return root === null ? null : loaders.messages.load(root);
}
