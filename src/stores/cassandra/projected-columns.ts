/**
 * What later changes make of a message, as it lies in its row: one cell for each part, each with the timestamp of
 * the rev that wrote it. Read with the row; an append never names one of them.
 */
import type { MessageEntry, MessageProjection, ReactionSummary } from '../../chat/log/entries.ts';
import { projectedEntry } from '../projected-entry.ts';
import { numberOrNull, type Row, textOrNull } from './values.ts';

/** Columns that are read with a row and were not written with it. */
export interface LaterColumns<Entry> {
  readonly names: readonly string[];
  /** The entry as it is now. */
  show(entry: Entry, row: Row): Entry;
}

export const nothingLater = <Entry>(): LaterColumns<Entry> => ({ names: [], show: (entry) => entry });

export const messageProjection: LaterColumns<MessageEntry> = {
  names: ['changed_rev', 'edited', 'deleted_at', 'pinned_at', 'thread_id', 'reactions'],
  show(entry, row) {
    const changedRev = numberOrNull(row.changed_rev);
    return changedRev === null ? entry : projectedEntry(entry, { changedRev, ...partsOf(row) });
  },
};

// What comes out of the JSON was put there by the projection store, of this version or another: its shape is our own.
function partsOf(row: Row): Omit<MessageProjection, 'changedRev'> {
  const [edited, threadId] = [textOrNull(row.edited), textOrNull(row.thread_id)];
  const [deletedAt, pinnedAt] = [numberOrNull(row.deleted_at), numberOrNull(row.pinned_at)];
  const reactions = reactionsOf(row.reactions);
  return {
    ...(edited !== null && { edited: JSON.parse(edited) as NonNullable<MessageProjection['edited']> }),
    ...(deletedAt !== null && { deletedAt }),
    ...(pinnedAt !== null && { pinnedAt }),
    ...(threadId !== null && { threadId }),
    ...(reactions !== null && { reactions }),
  };
}

/** A map of which nothing is left comes as null. */
function reactionsOf(value: unknown): Readonly<Record<string, ReactionSummary>> | null {
  if (typeof value !== 'object' || value === null) return null;
  return Object.fromEntries(
    Object.entries(value).map(([emoji, summary]) => [emoji, JSON.parse(String(summary)) as ReactionSummary]),
  );
}
