/** Adding to an affinity: a score that halves every 7 days, kept as a value and the time it was true. */
import { HALF_LIFE_MS } from '../../chat/memberships/affinity.ts';

export interface Score {
  readonly affinity: number;
  readonly affinityAt: Date;
}

/** Below this a score counts as none, long before halving it could leave the range of a double. */
const NEGLIGIBLE = 1e-12;

const halved = (value: number, ms: number): number => value * 2 ** (-ms / HALF_LIFE_MS);

/**
 * Points added at a time; the score then is the old one as decayed to that time, plus the points. The kept time never
 * moves back: points that come late are decayed to it, which is the same score.
 */
export function withPoints(score: Score, points: number, at: Date): Score {
  const late = score.affinityAt.getTime() - at.getTime();
  const affinity = late > 0 ? score.affinity + halved(points, late) : halved(score.affinity, -late) + points;
  return { affinity: affinity < NEGLIGIBLE ? 0 : affinity, affinityAt: late > 0 ? score.affinityAt : at };
}
