/** Pinning a message for everyone in the channel, and unpinning it: members. */
import { askPin } from '../changes/asked.ts';
import { requireMember } from '../channels/permission.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { changeMessage, requireChangeable } from './change.ts';
import type { Message, MessageRef } from './message.ts';

/**
 * Returns the message as it now is; pinning what is pinned does nothing. Throws NOT_FOUND, FORBIDDEN, CONFLICT when
 * a deleted message is pinned, and what Log.append throws.
 */
export async function setPinned(
  ports: Ports,
  viewer: Viewer,
  ref: MessageRef,
  isPinned: boolean,
): Promise<Message> {
  const { place } = await requireChangeable(ports, viewer, ref);
  requireMember(place);
  return changeMessage(ports, viewer, ref, askPin({ seq: ref.seq, actorId: viewer.userId }, isPinned));
}
