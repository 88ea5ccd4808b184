/** Mutation.deleteMessage. */
import { type Context, viewerOf } from '../context.ts';
import { refOf } from '../global-id.ts';
import { type MessageAnswer, type MessageInput, shown } from './message-input.ts';

export const deleteMessage = (input: MessageInput, context: Context): Promise<MessageAnswer> =>
  shown(context, context.chat.messages.delete(viewerOf(context), refOf(input.messageId)));
