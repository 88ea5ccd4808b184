/** Mutation.sendSignal. */
import type { JsonObject } from '../../src/chat/json.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';
import type { Accepted } from './start-typing.ts';

export interface SendSignalInput {
  readonly channelId: string;
  readonly name: string;
  readonly payload?: JsonObject | null | undefined;
  readonly key?: string | null | undefined;
  readonly retain?: boolean | null | undefined;
}

export async function sendSignal(input: SendSignalInput, context: Context): Promise<Accepted> {
  const accepted = await context.chat.signals.send(viewerOf(context), {
    channelId: uuidOf('Channel', input.channelId),
    name: input.name,
    payload: input.payload ?? null,
    key: input.key ?? null,
    isRetained: input.retain ?? false,
  });
  return { accepted };
}
