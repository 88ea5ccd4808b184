/** How what a replica knows of a person is written in Redis: one letter, and a mark when their last connection is gone. */
import type { Presence } from '../../chat/presence/port.ts';
import type { PresenceEntry } from '../ephemeral-store.ts';

const letters: Record<Presence, string> = { ACTIVE: 'A', AWAY: 'W', OFFLINE: 'O' };
const LINGERING = '~';

const entries: ReadonlyMap<unknown, PresenceEntry> = new Map(
  (['ACTIVE', 'AWAY', 'OFFLINE'] as const).flatMap((presence) =>
    [false, true].map((isLingering) => [encodeEntry({ presence, isLingering }), { presence, isLingering }]),
  ),
);

export function encodeEntry({ presence, isLingering }: PresenceEntry): string {
  return letters[presence] + (isLingering ? LINGERING : '');
}

/** Null for what is not there, and for what this version does not know. */
export const decodeEntry = (text: unknown): PresenceEntry | null => entries.get(text) ?? null;
