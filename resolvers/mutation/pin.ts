/** Mutation.pinMessage and Mutation.unpinMessage. */
import { type Context, viewerOf } from '../context.ts';
import { refOf } from '../global-id.ts';
import { type MessageAnswer, type MessageInput, shown } from './message-input.ts';

const setPinned =
  (isPinned: boolean) =>
  ({ messageId }: MessageInput, context: Context): Promise<MessageAnswer> =>
    shown(context, context.chat.messages.setPinned(viewerOf(context), refOf(messageId), isPinned));

export const pinMessage = setPinned(true);
export const unpinMessage = setPinned(false);
