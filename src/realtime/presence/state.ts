/** How what is known of a person's connections adds up. */
import type { Presence } from '../../chat/presence/port.ts';
import type { PresenceEntry } from '../ephemeral-store.ts';

/** Of several connections or replicas: there where any is, away where the others are gone or hidden. */
export function combined(all: Iterable<Presence>): Presence {
  let best: Presence = 'OFFLINE';
  for (const presence of all) {
    if (presence === 'ACTIVE') return presence;
    if (presence === 'AWAY') best = presence;
  }
  return best;
}

/** What others are shown of it. */
export const shownOf = (entry: PresenceEntry | null | undefined): Presence => entry?.presence ?? 'OFFLINE';

export const isSameEntry = (a: PresenceEntry | null, b: PresenceEntry | null): boolean =>
  a?.presence === b?.presence && a?.isLingering === b?.isLingering;
