/**
 * Checkpoint and affinity moves, and when two of one membership are the same as one. Folding must never change
 * where the checkpoint ends: what cannot be folded exactly stays two moves.
 */
import type { MembershipStore } from '../channels/port.ts';

export type Move = Parameters<MembershipStore['advance']>[0][number];

type Checkpoint = NonNullable<Move['checkpoint']>;

function foldCheckpoint(first: Checkpoint, second: Checkpoint): Checkpoint | null {
  // Marking unread moves back: what comes before and after it keeps its own place in the order.
  if (first.backward || second.backward) return null;
  // A condition on the first holds or not by what another replica has written meanwhile: nobody here can tell.
  if (first.onlyFrom !== undefined) return null;
  // An own send takes along those that wait behind it, which reading up to its number would not.
  if (second.onlyFrom !== undefined) return null;
  return { to: Math.max(first.to, second.to), backward: false };
}

/** One move that does what both do, one after the other; null when there is none. */
export function foldMoves(first: Move, second: Move): Move | null {
  const { organizationId, channelId, userId } = first;
  const both =
    first.checkpoint !== undefined && second.checkpoint !== undefined
      ? foldCheckpoint(first.checkpoint, second.checkpoint)
      : undefined;
  if (both === null) return null;
  const checkpoint = both ?? second.checkpoint ?? first.checkpoint;
  const points = (first.affinity?.points ?? 0) + (second.affinity?.points ?? 0);
  const at = second.affinity?.at ?? first.affinity?.at;
  return {
    organizationId,
    channelId,
    userId,
    ...(checkpoint === undefined ? {} : { checkpoint }),
    ...(at === undefined ? {} : { affinity: { points, at } }),
  };
}
