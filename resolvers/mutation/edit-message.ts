/** Mutation.editMessage: metadata left out stays, null takes it away. */
import type { JsonObject } from '../../src/chat/json.ts';
import { type Context, viewerOf } from '../context.ts';
import { refOf } from '../global-id.ts';
import { type MessageAnswer, shown } from './message-input.ts';

export interface EditMessageInput {
  readonly messageId: string;
  readonly text: string;
  readonly metadata?: JsonObject | null | undefined;
  readonly clientChangeId?: string | null | undefined;
}

export function editMessage(input: EditMessageInput, context: Context): Promise<MessageAnswer> {
  const { messageId, text, metadata, clientChangeId } = input;
  return shown(
    context,
    context.chat.messages.edit(viewerOf(context), {
      ...refOf(messageId),
      text,
      ...(metadata === undefined ? {} : { metadata }),
      clientChangeId: clientChangeId ?? null,
    }),
  );
}
