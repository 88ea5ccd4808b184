/** All that a run of faults must not break, in the order of the promises. */
import type { History } from '../history.ts';
import { answers, operatorTold, playedToTheEnd } from './answers.ts';
import { type Invariant, MOST_TOLD } from './invariant.ts';
import { nothingMissed, removed, tenantsApart } from './live.ts';
import { gapFree, once, oneOrder, saved } from './log.ts';
import { unread } from './unread.ts';

export const invariants: readonly Invariant[] = [
  saved,
  gapFree,
  once,
  oneOrder,
  nothingMissed,
  unread,
  removed,
  tenantsApart,
  answers,
  operatorTold,
  playedToTheEnd,
];

/** What was broken, by the name of the invariant; empty when all held. */
export function judge(history: History): ReadonlyMap<string, readonly string[]> {
  const broken = new Map<string, readonly string[]>();
  for (const { name, check } of invariants) {
    const found = check(history);
    const rest = found.length - MOST_TOLD;
    if (found.length > 0)
      broken.set(name, rest > 0 ? [...found.slice(0, MOST_TOLD), `and ${rest} more`] : found);
  }
  return broken;
}
