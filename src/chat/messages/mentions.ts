/**
 * Where a text names people. The person is looked up once, at the send, and kept: a later change of handle does no
 * harm, and reading a message asks nobody who was meant.
 */
import type { StoredMention } from '../log/entries.ts';
import type { UserStore } from '../people/port.ts';

/** Distinct names looked up in one text, and mentions kept of it: the rest stays plain text. */
const MAX_NAMES = 50;
const MAX_MENTIONS = 200;

const CANDIDATE = /(?<=^|[\s\p{P}\p{S}])@([a-z0-9._-]+)/gu;
const HANDLE_UNITS = 40;

interface Candidate {
  /** Offset of the `@`. */
  readonly start: number;
  /** The handle as written, then without its closing dots, dashes and underscores, which may be punctuation. */
  readonly handles: readonly string[];
}

/** Readings of what follows an `@`, longest first: `ada.` is first the handle `ada.`, then `ada` and a full stop. */
function readings(written: string): readonly string[] {
  const found: string[] = [];
  for (let end = written.length; end > 0; end -= 1) {
    if (end <= HANDLE_UNITS) found.push(written.slice(0, end));
    if (!'._-'.includes(written.charAt(end - 1))) break;
  }
  return found;
}

/** Places that may name someone, in order. */
export function mentionCandidates(text: string): readonly Candidate[] {
  return [...text.matchAll(CANDIDATE)]
    .slice(0, MAX_MENTIONS)
    .map((match) => ({ start: match.index, handles: readings(match[1] ?? '') }))
    .filter((candidate) => candidate.handles.length > 0);
}

const groups: ReadonlyMap<string, 'CHANNEL' | 'HERE'> = new Map([
  ['channel', 'CHANNEL'],
  ['here', 'HERE'],
]);

/** False for most texts: they are not even looked through. */
export const mayMention = (text: string): boolean => text.includes('@');

/** The mentions of a text. One store call, or none when the text names no person. */
export async function resolveMentions(
  users: Pick<UserStore, 'byHandles'>,
  organizationId: string,
  text: string,
): Promise<readonly StoredMention[]> {
  if (!mayMention(text)) return [];
  const candidates = mentionCandidates(text);
  const names = [...new Set(candidates.flatMap((c) => c.handles))]
    .filter((name) => !groups.has(name))
    .slice(0, MAX_NAMES);
  const people = names.length === 0 ? [] : await users.byHandles(organizationId, names);
  const byHandle = new Map(people.map((user) => [user.handle, user.id]));
  const mentions: StoredMention[] = [];
  for (const { start, handles } of candidates) {
    const handle = handles.find((name) => groups.has(name) || byHandle.has(name));
    if (handle === undefined) continue;
    const place = { start, length: handle.length + 1 };
    const group = groups.get(handle);
    const userId = byHandle.get(handle);
    if (group !== undefined) mentions.push({ kind: group, ...place });
    else if (userId !== undefined) mentions.push({ kind: 'USER', userId, ...place });
  }
  return mentions;
}
