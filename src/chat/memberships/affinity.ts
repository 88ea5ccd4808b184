/**
 * Affinity: how much someone takes part in a channel of late. A send counts 1, reading on counts a quarter (people
 * read many times as often as they write), and every 7 days halve it. Stored with the time it was true, so that
 * nothing has to be rewritten as it decays.
 */
import type { Membership } from '../channels/port.ts';

export const SEND_POINTS = 1;
export const READ_POINTS = 0.25;
/** A score halves each time this has gone by. */
export const HALF_LIFE_MS = 7 * 24 * 60 * 60 * 1000;

/** The score at `now`, milliseconds since the epoch. */
export function affinityScore(membership: Pick<Membership, 'affinity' | 'affinityAt'>, now: number): number {
  // A clock that runs behind the one that wrote it must not make the score larger than it was.
  const age = Math.max(0, now - membership.affinityAt.getTime());
  return membership.affinity * 2 ** (-age / HALF_LIFE_MS);
}
