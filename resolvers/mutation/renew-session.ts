/** Mutation.renewSession: of the connection that it is sent over or, over HTTP, of the one that it names. */
import { badInput } from '../../src/chat/errors.ts';
import { type Context, viewerOf } from '../context.ts';

export interface RenewSessionInput {
  readonly token: string;
  readonly connectionId?: string | null | undefined;
}

export async function renewSession(
  { token, connectionId }: RenewSessionInput,
  context: Context,
): Promise<{ readonly expiresAt: Date }> {
  const viewer = viewerOf(context);
  const id = connectionId ?? context.connectionId;
  if (id === null) throw badInput('Over HTTP name the connection: pass `connectionId` as Ready gave it.');
  return { expiresAt: await context.chat.connections.renew(viewer, id, token) };
}
