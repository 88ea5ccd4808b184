/** Mutation.markRead. */
import type { Membership } from '../../src/chat/channels/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { uuidOf } from '../global-id.ts';

export interface MarkReadInput {
  readonly channelId: string;
  readonly seq: number;
  readonly markUnread?: boolean | null | undefined;
}

export async function markRead(
  input: MarkReadInput,
  context: Context,
): Promise<{ readonly membership: Membership }> {
  const membership = await context.chat.memberships.markRead(viewerOf(context), {
    channelId: uuidOf('Channel', input.channelId),
    seq: input.seq,
    markUnread: input.markUnread ?? false,
  });
  return { membership };
}
