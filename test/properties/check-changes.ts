/**
 * What a change log promises, checked on what the stores kept: that every change was right on the state before it,
 * and that the messages say what the changes come to. The state is reckoned here anew, from the kinds of the changes
 * alone, and not as the program does it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { ProjectionStore } from '../../src/chat/changes/port.ts';
import type { ChangeEntry, MessageEntry } from '../../src/chat/log/entries.ts';
import type { ChannelKey, LogRow, LogStore } from '../../src/chat/log/port.ts';
import { readAll } from '../../src/chat/log/testing/kept.ts';

export interface Stores {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: ProjectionStore;
}

interface Reckoned {
  readonly seq: number;
  changedRev: number;
  /** What its edits said, by rev. */
  readonly edits: { readonly rev: number; readonly text: string | undefined }[];
  deletedAt: number | undefined;
  pinnedAt: number | undefined;
  /** By emoji, who has reacted, with the rev at which they did: in that order. */
  readonly reactions: Map<string, Map<string, number>>;
}

/** @returns what is wrong; and every message as reckoned, by number. */
export async function checkChanges(
  stores: Stores,
  channel: ChannelKey,
): Promise<{ readonly broken: readonly string[]; readonly deleted: ReadonlySet<number> }> {
  const broken: string[] = [];
  const messages = await readAll(stores.messages, channel);
  const changes = await readAll(stores.changes, channel);
  const reckoned = new Map<number, Reckoned>();
  for (const { seq } of messages)
    reckoned.set(seq, {
      seq,
      changedRev: 0,
      edits: [],
      deletedAt: undefined,
      pinnedAt: undefined,
      reactions: new Map(),
    });
  for (const change of changes) {
    const { seq } = change.entry;
    if (seq === undefined) continue;
    const message = reckoned.get(seq);
    if (message === undefined) broken.push(`change ${change.seq} is about no message`);
    else broken.push(...reckon(message, change));
  }
  for (const { seq, entry } of messages) {
    const message = reckoned.get(seq);
    if (message !== undefined) broken.push(...differences(message, entry));
  }
  for (const message of reckoned.values())
    broken.push(...(await lists(stores.projections, channel, message)));
  const pinned = [...reckoned.values()]
    .filter(({ pinnedAt }) => pinnedAt !== undefined)
    .map(({ seq }) => seq);
  const page = { after: 0, before: messages.length + 1, limit: 200, backward: false };
  const pins = await stores.projections.pins(channel, page);
  if (!isDeepStrictEqual([...pins], pinned)) broken.push(`pinned are ${pinned}, listed ${pins}`);
  const deleted = [...reckoned.values()].filter(({ deletedAt }) => deletedAt !== undefined);
  for (const { seq: rev, entry } of changes)
    if (entry.content !== undefined && deleted.some(({ seq }) => seq === entry.seq))
      broken.push(`edit ${rev} of a deleted message still says something`);
  return { broken, deleted: new Set(deleted.map(({ seq }) => seq)) };
}

/** Moves the message on by one change, which must have been one. */
function reckon(message: Reckoned, { seq: rev, at, entry }: LogRow<ChangeEntry>): string[] {
  const broken: string[] = [];
  const wrong = (what: string): void =>
    void broken.push(`change ${rev} (${entry.kind} of ${message.seq}): ${what}`);
  message.changedRev = rev;
  if (entry.head < message.seq) wrong(`is before its message: head ${entry.head}`);
  if (message.deletedAt !== undefined) wrong('of a deleted message');
  const earlier = message.edits.map((edit) => edit.rev).reverse();
  const reacted = message.reactions.get(entry.emoji ?? '') ?? new Map<string, number>();
  switch (entry.kind) {
    case 'EDITED':
      if (!isDeepStrictEqual([...(entry.earlierEdits ?? [])], earlier))
        wrong(`names edits ${entry.earlierEdits}, not ${earlier}`);
      // An erased one says nothing: what it said cannot be compared.
      if (entry.content !== undefined && entry.content.text === message.edits.at(-1)?.text)
        wrong('changes nothing');
      message.edits.push({ rev, text: entry.content?.text });
      break;
    case 'DELETED':
      if (!isDeepStrictEqual([...(entry.earlierEdits ?? [])], earlier))
        wrong(`names edits ${entry.earlierEdits}, not ${earlier}`);
      message.deletedAt = at;
      message.pinnedAt = undefined;
      break;
    case 'PINNED':
      if (message.pinnedAt !== undefined) wrong('changes nothing');
      message.pinnedAt = at;
      break;
    case 'UNPINNED':
      if (message.pinnedAt === undefined) wrong('changes nothing');
      message.pinnedAt = undefined;
      break;
    case 'REACTION_ADDED':
      if (reacted.has(entry.actorId)) wrong('changes nothing');
      reacted.set(entry.actorId, rev);
      break;
    case 'REACTION_REMOVED':
      if (!reacted.has(entry.actorId)) wrong('changes nothing');
      if (entry.addedRev !== reacted.get(entry.actorId))
        wrong(`was added at ${reacted.get(entry.actorId)}, not ${entry.addedRev}`);
      reacted.delete(entry.actorId);
      break;
    default:
  }
  if (entry.emoji !== undefined) {
    message.reactions.set(entry.emoji, reacted);
    if (!isDeepStrictEqual(entry.reaction ?? null, summary(reacted)))
      wrong(`says ${JSON.stringify(entry.reaction)}, is ${JSON.stringify(summary(reacted))}`);
  }
  return broken;
}

function summary(reacted: ReadonlyMap<string, number>) {
  const [since] = reacted.values();
  return since === undefined ? null : { count: reacted.size, since, first: [...reacted.keys()].slice(0, 5) };
}

function differences(message: Reckoned, { text, projection }: MessageEntry): string[] {
  const broken: string[] = [];
  const same = (what: string, kept: unknown, expected: unknown): void => {
    if (!isDeepStrictEqual(kept, expected))
      broken.push(
        `${what} of message ${message.seq} is ${JSON.stringify(kept)}, not ${JSON.stringify(expected)}`,
      );
  };
  const newest = message.deletedAt === undefined ? message.edits.at(-1) : undefined;
  const reactions = [...message.reactions].flatMap(([emoji, reacted]) => {
    const now = summary(reacted);
    return now === null ? [] : [[emoji, now] as const];
  });
  same('changedRev', projection?.changedRev ?? 0, message.changedRev);
  same(
    'the edit',
    projection?.edited && { rev: projection.edited.rev, text: projection.edited.text },
    newest,
  );
  same('deletedAt', projection?.deletedAt, message.deletedAt);
  same('pinnedAt', projection?.pinnedAt, message.pinnedAt);
  same('reactions', projection?.reactions ?? {}, Object.fromEntries(reactions));
  if (message.deletedAt !== undefined) same('the text', text, '');
  return broken;
}

/** Who reacted, as it is listed and looked up. */
async function lists(
  projections: ProjectionStore,
  channel: ChannelKey,
  { seq, reactions }: Reckoned,
): Promise<string[]> {
  const broken: string[] = [];
  for (const [emoji, reacted] of reactions) {
    const ref = { channel, seq, emoji };
    const people = [...reacted.keys()];
    const [[listed = []], revs] = await Promise.all([
      projections.reactors([ref], 200),
      projections.reactionRevs([...people, 'nobody'].map((userId) => ({ ...ref, userId }))),
    ]);
    if (!isDeepStrictEqual([...listed], people))
      broken.push(`${emoji} of ${seq} is by ${people}, listed ${listed}`);
    if (!isDeepStrictEqual([...revs], [...reacted.values(), null]))
      broken.push(`${emoji} of ${seq}: looked up ${revs}`);
  }
  return broken;
}

/** True when every change up to `rev` shows on its message. */
export async function isProjected(
  { messages, changes }: Stores,
  channel: ChannelKey,
  rev: number,
): Promise<boolean> {
  if (rev === 0) return true;
  const newest = new Map<number, number>();
  for (const row of await changes.range(channel, 1, rev))
    if (row.entry.seq !== undefined) newest.set(row.entry.seq, row.seq);
  const refs = [...newest.keys()].map((seq) => ({ channel, seq }));
  const rows = await messages.rows(refs);
  return rows.every(
    (row) => row !== null && (row.entry.projection?.changedRev ?? 0) >= (newest.get(row.seq) ?? 0),
  );
}
