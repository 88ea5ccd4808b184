/** Mutation.addReaction and Mutation.removeReaction. */
import { type Context, viewerOf } from '../context.ts';
import { refOf } from '../global-id.ts';
import { type MessageAnswer, type MessageInput, shown } from './message-input.ts';

export interface ReactionInput extends MessageInput {
  readonly emoji: string;
}

const react =
  (isAdded: boolean) =>
  ({ messageId, emoji }: ReactionInput, context: Context): Promise<MessageAnswer> =>
    shown(context, context.chat.messages.react(viewerOf(context), { ...refOf(messageId), emoji }, isAdded));

export const addReaction = react(true);
export const removeReaction = react(false);
