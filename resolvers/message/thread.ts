/** Message.thread and Message.replyCount: the channel of its replies, which whoever reads the message may read too. */
import { loaded } from '../../loaders/batch.ts';
import type { Channel } from '../../src/chat/channels/port.ts';
import type { Message } from '../../src/chat/messages/message.ts';
import type { Context } from '../context.ts';

/** Null until a thread is opened, and then without a promise: most messages have none. */
export function thread({ row }: Message, { loaders }: Context): Channel | Promise<Channel | null> | null {
  const id = row.entry.projection?.threadId;
  return id === undefined ? null : loaded(loaders.channels, id);
}

/** The head of the thread: nothing is counted. */
export function replyCount({ row }: Message, { loaders }: Context): Promise<number> | number {
  const id = row.entry.projection?.threadId;
  return id === undefined ? 0 : loaded(loaders.heads, id);
}
