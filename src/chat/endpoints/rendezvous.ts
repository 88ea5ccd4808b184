/**
 * Rendezvous hashing with bounded load. Each organization has an order of its own among the addresses, which no other
 * address has a part in: when one goes, only what was there goes elsewhere. Its people go to the first address in that
 * order that is not full, so that they share few servers; full is 1.25 times what all hold on average (those that hold
 * more left out), so that an organization however large spreads over as many as it needs.
 */
import { hash } from 'node:crypto';

/** Servers behind one address. */
export interface Candidate {
  readonly url: string;
  /** How many they are: their share grows with it. */
  readonly servers: number;
  /** Connections that they hold together, and that are on their way to them. */
  readonly load: number;
}

/** Above the average by so much, and a server is full. */
export const BOUND = 1.25;
/**
 * So few connections are no load: with less than this on a server it is worth more that the people of an organization
 * meet on it (an event is then executed once for all of them) than that servers hold the same.
 */
export const NO_LOAD = 100;

/** The address that the next connection of the organization goes to; null when there is none. */
export function choose(organization: string, candidates: readonly Candidate[]): Candidate | null {
  const most = mostOf(candidates);
  let best: Candidate | null = null;
  let bestRank = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    // All can never be full: together those that count hold less than `most` times their number.
    if (candidate.load + 1 > Math.ceil(most * candidate.servers)) continue;
    const rank = rankOf(organization, candidate);
    if (rank > bestRank) [best, bestRank] = [candidate, rank];
  }
  return best;
}

/**
 * What one server may hold. One that holds more already (it has died with everybody on it and is not missed yet, or was
 * there before the others) takes nobody, and must not raise the average: its people would all go to the first of the others.
 */
function mostOf(candidates: readonly Candidate[]): number {
  const total = candidates.reduce((sum, { load }) => sum + load, 0);
  const servers = candidates.reduce((sum, one) => sum + one.servers, 0);
  const most = Math.max(NO_LOAD, (BOUND * (total + 1)) / servers);
  const counting = candidates.filter((one) => one.load <= Math.ceil(most * one.servers));
  return counting.length < candidates.length ? mostOf(counting) : most;
}

/** Higher is earlier. Of two addresses one is the first in proportion to how many servers are behind it. */
const rankOf = (organization: string, { url, servers }: Candidate): number =>
  servers / -Math.log(unitOf(`${organization}\n${url}`));

/** Between 0 and 1, both excluded, and evenly so. */
function unitOf(text: string): number {
  const bits = hash('sha1', text, 'buffer').readUIntBE(0, 6);
  return (bits + 0.5) / 2 ** 48;
}
