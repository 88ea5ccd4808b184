/** What the mutations of one message share: the input that names it, and the answer that shows it. */
import type { Message } from '../../src/chat/messages/message.ts';
import type { Context } from '../context.ts';

export interface MessageInput {
  readonly messageId: string;
}

export interface MessageAnswer {
  readonly message: Message;
}

/** The answer, with the message known to the loaders: its channel's head is at least its number. */
export async function shown({ loaders }: Context, changed: Promise<Message>): Promise<MessageAnswer> {
  const message = await changed;
  loaders.seen(message);
  return { message };
}
