/** How an entry of a log reads as an event. */
import type { LiveEvent, MessageChange, Placed } from '../../chat/live/port.ts';
import type { ChangeEntry, ChangeKind } from '../../chat/log/entries.ts';
import type { Item } from './item.ts';

/** About what an event without a message holds, in bytes. */
export const SMALL = 256;

/** Changes that are told as MessageUpdated; the others are told in their own way, or not at all. */
const messageChanges: Partial<Record<ChangeKind, MessageChange>> = {
  EDITED: 'EDITED',
  DELETED: 'DELETED',
  PINNED: 'PINNED',
  UNPINNED: 'UNPINNED',
  THREAD_OPENED: 'THREAD',
};

/**
 * Null for what says nothing to a client of this version, a kind that only a newer one knows: its place counts all the
 * same. `place.cursor` is the place that holds the item and all before it.
 */
export function eventOf(item: Item, place: Placed): LiveEvent | null {
  if (item.log === 'MESSAGES') return { type: 'MessagePosted', ...place, row: item.row };
  const { kind, userId, seq } = item.row.entry;
  if (kind === 'CHANNEL_UPDATED') return { type: 'ChannelUpdated', ...place };
  if (kind === 'MEMBER_JOINED' && userId !== null) return { type: 'MemberJoined', ...place, userId };
  if (kind === 'MEMBER_LEFT' && userId !== null) return { type: 'MemberLeft', ...place, userId };
  if (seq === undefined) return null;
  return (
    reactionOf(item.row.entry, seq, place) ?? {
      type: 'MessageUpdated',
      ...place,
      seq,
      // Of a newer version: that something changed can be said without knowing what.
      change: messageChanges[kind] ?? 'SEVERAL',
    }
  );
}

/** In a replay: all changes of the message up to now, told at the newest of them. */
export const foldedEventOf = (seq: number, place: Placed): LiveEvent => ({
  type: 'MessageUpdated',
  ...place,
  seq,
  change: 'SEVERAL',
});

/** Something was said in the thread under this message: its reply count moved, which is kept nowhere. */
export const threadMoved = (channelId: string, seq: number): LiveEvent => ({
  type: 'MessageUpdated',
  channelId,
  cursor: null,
  seq,
  change: 'THREAD',
});

function reactionOf(entry: ChangeEntry, seq: number, place: Placed): LiveEvent | null {
  const { kind, userId, emoji, reaction } = entry;
  if (kind !== 'REACTION_ADDED' && kind !== 'REACTION_REMOVED') return null;
  if (userId === null || emoji === undefined) return null;
  const count = reaction?.count ?? 0;
  return {
    type: 'ReactionChanged',
    ...place,
    seq,
    emoji,
    count,
    userId,
    isAdded: kind === 'REACTION_ADDED',
  };
}
