/** Mutation.openThread. */
import type { Channel } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { refOf } from '../global-id.ts';
import type { MessageInput } from './message-input.ts';

export async function openThread(
  input: MessageInput,
  context: Context,
): Promise<{ readonly channel: Channel }> {
  return { channel: await context.chat.channels.openThread(viewerOf(context), refOf(input.messageId)) };
}
