/** One entry of either log of a channel, as the hub and replays hand it on. */
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { LogRow } from '../../chat/log/port.ts';
import type { Position } from './position.ts';

export type Item =
  | { readonly log: 'MESSAGES'; readonly row: LogRow<MessageEntry> }
  | { readonly log: 'CHANGES'; readonly row: FoldedRow };

/** A change; in a replay also whether it is the newest of its message, as far as the message's own row says. */
export type FoldedRow = LogRow<ChangeEntry> & { readonly isNewest?: boolean };

export const message = (row: LogRow<MessageEntry>): Item => ({ log: 'MESSAGES', row });
export const change = (row: FoldedRow): Item => ({ log: 'CHANGES', row });

/** The place that holds the item, coming from the one before it. */
export const after = (position: Position, item: Item): Position =>
  item.log === 'MESSAGES'
    ? { seq: item.row.seq, rev: position.rev }
    : { seq: position.seq, rev: item.row.seq };

/** True when the place holds the item already. */
export const isSeen = (position: Position, item: Item): boolean =>
  item.row.seq <= (item.log === 'MESSAGES' ? position.seq : position.rev);

/** True when the item may be handed on next: its number follows, and a change comes after the messages it knew. */
export const isNext = (position: Position, item: Item): boolean =>
  item.log === 'MESSAGES'
    ? item.row.seq === position.seq + 1
    : item.row.seq === position.rev + 1 && item.row.entry.head <= position.seq;

/** What must exist if the item does. */
export const itsPlace = ({ log, row }: Item): Position =>
  log === 'MESSAGES' ? { seq: row.seq, rev: 0 } : { seq: row.entry.head, rev: row.seq };

const FIXED_BYTES = 512;

/** About what the item holds in memory, and as much on the bus. */
export function bytesOf({ log, row }: Item): number {
  const content = log === 'MESSAGES' ? row.entry : row.entry.content;
  if (content === undefined) return FIXED_BYTES;
  const { text, metadata } = content;
  return FIXED_BYTES + 2 * text.length + (metadata === null ? 0 : 2 * JSON.stringify(metadata).length);
}
