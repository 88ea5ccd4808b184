/** Mutation.startTyping. */
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

/** Whether it was passed on; what is passed on may still be lost on its way. */
export interface Accepted {
  readonly accepted: boolean;
}

export async function startTyping(
  input: { readonly channelId: string },
  context: Context,
): Promise<Accepted> {
  await context.chat.signals.typing(viewerOf(context), uuidOf('Channel', input.channelId));
  return { accepted: true };
}
