/**
 * Reads what a batch of changes is decided on, in a few calls however many changes and messages there are. The
 * reads are not of one moment: when another replica appends meanwhile, they may give a state that never was, and what
 * is decided on it is thrown away, since the append's condition no longer holds.
 */
import { type ChangeEntry, type MessageEntry, REACTORS_KEPT } from '../log/entries.ts';
import type { ChannelKey, LogRow, LogStore } from '../log/port.ts';
import { MessageState } from './message-state.ts';
import type { ProjectionStore, ReactionRef } from './port.ts';
import { ReactionState } from './reaction-state.ts';

export interface StateStores {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: Pick<ProjectionStore, 'reactionRevs' | 'reactors'>;
}

/** One emoji on one message, and who of the batch adds it or takes it back. */
interface Wanted extends ReactionRef {
  readonly since?: number;
  readonly userIds: Set<string>;
  /** How many take it back. */
  removals: number;
}

const nameOf = (seq: number, emoji: string): string => `${seq}/${emoji}`;

/** By number, the messages that the changes are about; a message that is not there is missing. */
export async function loadStates(
  stores: StateStores,
  channel: ChannelKey,
  changes: readonly ChangeEntry[],
): Promise<ReadonlyMap<number, MessageState>> {
  const seqs = [...new Set(changes.flatMap(({ seq }) => (seq === undefined ? [] : [seq])))];
  if (seqs.length === 0) return new Map();
  const rows = await stores.messages.rows(seqs.map((seq) => ({ channel, seq })));
  const there = rows.filter((row) => row !== null);
  const wanted = wantedReactions(channel, there, changes);
  const [reacted, edits] = await Promise.all([
    loadReacted(stores, wanted),
    loadEdits(stores, channel, there, changes),
  ]);
  return new Map(
    there.map(({ seq, entry }) => [
      seq,
      new MessageState(entry, edits.get(seq) ?? [], reactionsOf(seq, entry, wanted, reacted)),
    ]),
  );
}

function wantedReactions(
  channel: ChannelKey,
  rows: readonly LogRow<MessageEntry>[],
  changes: readonly ChangeEntry[],
): readonly Wanted[] {
  const summaries = new Map(rows.map(({ seq, entry }) => [seq, entry.projection?.reactions ?? {}]));
  const wanted = new Map<string, Wanted>();
  for (const { kind, seq, emoji, actorId } of changes) {
    if (seq === undefined || emoji === undefined) continue;
    const name = nameOf(seq, emoji);
    const since = summaries.get(seq)?.[emoji]?.since;
    const fresh = { channel, seq, emoji, userIds: new Set<string>(), removals: 0 };
    const one = wanted.get(name) ?? { ...fresh, ...(since === undefined ? {} : { since }) };
    one.userIds.add(actorId);
    if (kind === 'REACTION_REMOVED') one.removals++;
    wanted.set(name, one);
  }
  return [...wanted.values()];
}

interface Reacted {
  readonly revs: ReadonlyMap<string, number>;
  /** Those who reacted first, where somebody takes it back. */
  readonly first: readonly string[] | null;
}

/** By message and emoji. Two calls when somebody takes a reaction back, else one. */
async function loadReacted(
  { projections }: Pick<StateStores, 'projections'>,
  wanted: readonly Wanted[],
): Promise<ReadonlyMap<string, Reacted>> {
  if (wanted.length === 0) return new Map();
  const left = wanted.filter(({ removals }) => removals > 0);
  // Whoever leaves makes room for the next: so many must be known that as many as leave may be among them.
  const most = REACTORS_KEPT + Math.max(0, ...left.map(({ removals }) => removals));
  const found = left.length === 0 ? [] : await projections.reactors(left, most);
  const first = new Map(left.map(({ seq, emoji }, i) => [nameOf(seq, emoji), found[i] ?? []]));
  const asked = wanted.flatMap(({ channel, seq, emoji, userIds }) => {
    const people = new Set([...userIds, ...(first.get(nameOf(seq, emoji)) ?? [])]);
    return [...people].map((userId) => ({ channel, seq, emoji, userId }));
  });
  const revs = await projections.reactionRevs(asked);
  const byName = new Map<string, Map<string, number>>();
  asked.forEach(({ seq, emoji, userId }, i) => {
    const name = nameOf(seq, emoji);
    const people = byName.get(name) ?? new Map<string, number>();
    byName.set(name, people);
    const rev = revs[i] ?? null;
    if (rev !== null) people.set(userId, rev);
  });
  return new Map(
    [...byName].map(([name, people]) => [name, { revs: people, first: first.get(name) ?? null }]),
  );
}

function reactionsOf(
  seq: number,
  { projection }: MessageEntry,
  wanted: readonly Wanted[],
  reacted: ReadonlyMap<string, Reacted>,
): ReadonlyMap<string, ReactionState> {
  const own = wanted.filter((one) => one.seq === seq);
  return new Map(
    own.map(({ emoji }) => {
      const summary = projection?.reactions?.[emoji];
      const { revs, first } = reacted.get(nameOf(seq, emoji)) ?? { revs: new Map(), first: null };
      return [emoji, new ReactionState(summary, first ?? summary?.first ?? [], revs)];
    }),
  );
}

/** By number, the revs of the edits of those messages that are edited or deleted, newest first. At most one call. */
async function loadEdits(
  { changes: log }: Pick<StateStores, 'changes'>,
  channel: ChannelKey,
  rows: readonly LogRow<MessageEntry>[],
  changes: readonly ChangeEntry[],
): Promise<ReadonlyMap<number, readonly number[]>> {
  const concerned = new Set(
    changes.flatMap(({ kind, seq }) => (kind === 'EDITED' || kind === 'DELETED' ? [seq] : [])),
  );
  const newest = rows.flatMap(({ seq, entry }) => {
    const rev = entry.projection?.edited?.rev;
    return rev === undefined || !concerned.has(seq) ? [] : [{ seq, rev }];
  });
  if (newest.length === 0) return new Map();
  const entries = await log.rows(newest.map(({ rev }) => ({ channel, seq: rev })));
  return new Map(newest.map(({ seq, rev }, i) => [seq, [rev, ...(entries[i]?.entry.earlierEdits ?? [])]]));
}
