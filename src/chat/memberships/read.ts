/** Moving the viewer's checkpoint: forward to what was read, or back to mark as unread. */

import { requireOwnMembership, requireReadable } from '../channels/permission.ts';
import type { Membership } from '../channels/port.ts';
import { badInput, forbidden } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import type { AdvanceQueue } from './advance-queue.ts';
import { READ_POINTS } from './affinity.ts';

export interface MarkReadInput {
  readonly channelId: string;
  readonly seq: number;
  /** Sets the checkpoint to `seq` even if that is further back. */
  readonly markUnread: boolean;
}

/** Clamped to the head: nothing that was not sent yet can have been read. Returns once it is saved. */
export async function markRead(
  ports: Ports,
  queue: AdvanceQueue,
  viewer: Viewer,
  input: MarkReadInput,
): Promise<Membership> {
  if (input.seq < 0) throw badInput('`seq` must not be negative.');
  const { organizationId } = viewer.tenant;
  const { channelId } = input;
  const place = await requireReadable(ports, viewer, channelId);
  const membership = requireOwnMembership(place);
  const [head = 0] = await ports.messages.heads([{ organizationId, channelId }]);
  const to = Math.min(input.seq, head);
  const hasReadOn = to > membership.checkpoint;
  // Read before: nothing would change, and nobody needs to be told.
  if (!hasReadOn && !input.markUnread) return membership;
  const after = await queue.advance({
    organizationId,
    channelId,
    userId: viewer.userId,
    checkpoint: { to, backward: input.markUnread },
    ...(hasReadOn ? { affinity: { points: READ_POINTS, at: new Date(ports.clock.now()) } } : {}),
  });
  if (after === null) throw forbidden('You have left this channel.');
  return after;
}
