/** Mutation.startTyping. */
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

/**
 * Whether it was passed on to everybody; what is passed on may still be lost on its way. False while the bus is away:
 * those on the same server are told all the same.
 */
export interface Accepted {
  readonly accepted: boolean;
}

export async function startTyping(
  input: { readonly channelId: string },
  context: Context,
): Promise<Accepted> {
  const { signals } = context.chat;
  return { accepted: await signals.typing(viewerOf(context), uuidOf('Channel', input.channelId)) };
}
