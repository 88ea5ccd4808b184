/** Mutation.setPresence: of the connection it came over, or, over HTTP, of all the viewer's. */
import type { Presence } from '../../src/chat/presence/port.ts';
import { type Context, viewerOf } from '../context.ts';
import type { Accepted } from './start-typing.ts';

export async function setPresence(
  input: { readonly presence: Presence },
  context: Context,
): Promise<Accepted> {
  const { chat, connectionId } = context;
  return { accepted: await chat.presence.set(viewerOf(context), input.presence, connectionId) };
}
