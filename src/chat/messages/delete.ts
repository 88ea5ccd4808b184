/** Deleting a message: by its author or an admin, once and for all. */
import { askDelete } from '../changes/asked.ts';
import { isChannelAdmin } from '../channels/permission.ts';
import { forbidden } from '../errors.ts';
import type { Recounts } from '../notifications/recounts.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { changeMessage, requireChangeable } from './change.ts';
import type { Message, MessageRef } from './message.ts';

/**
 * Returns once what it said is erased, here and in its earlier edits. Deleting what is deleted does nothing.
 * Throws NOT_FOUND, FORBIDDEN, and what Log.append throws.
 */
export async function deleteMessage(
  ports: Ports,
  recounts: Pick<Recounts, 'around'>,
  viewer: Viewer,
  ref: MessageRef,
): Promise<Message> {
  const { place, message } = await requireChangeable(ports, viewer, ref);
  const isAuthor = message.row.entry.authorId === viewer.userId;
  if (!isAuthor && !isChannelAdmin(viewer, place)) {
    throw forbidden('Only its author and admins of the channel delete a message.');
  }
  const { channelId, seq } = ref;
  return recounts.around({ organizationId: viewer.tenant.organizationId, channelId, seq }, () =>
    changeMessage(ports, viewer, ref, askDelete({ seq, actorId: viewer.userId })),
  );
}
