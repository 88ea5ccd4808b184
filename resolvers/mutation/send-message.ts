/** Mutation.sendMessage. */
import type { JsonObject } from '../../src/chat/json.ts';
import type { Sent } from '../../src/chat/messages/send.ts';
import { type Context, viewerOf } from '../context.ts';
import { refOf, uuidOf } from '../global-id.ts';

export interface SendMessageInput {
  readonly channelId: string;
  readonly text: string;
  readonly clientMessageId?: string | null | undefined;
  readonly basis?: number | null | undefined;
  readonly threadRootId?: string | null | undefined;
  readonly metadata?: JsonObject | null | undefined;
}

export async function sendMessage(input: SendMessageInput, context: Context): Promise<Sent> {
  const sent = await context.chat.messages.send(viewerOf(context), {
    channelId: uuidOf('Channel', input.channelId),
    text: input.text,
    clientMessageId: input.clientMessageId ?? null,
    basis: input.basis ?? null,
    threadRoot: input.threadRootId == null ? null : refOf(input.threadRootId),
    metadata: input.metadata ?? null,
  });
  context.loaders.seen(sent.message);
  return sent;
}
