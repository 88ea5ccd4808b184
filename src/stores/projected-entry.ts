/** A message's entry beside what later changes made of it: the same in every store. */
import type { ChangeEntry, ChangeKind, MessageEntry, MessageProjection } from '../chat/log/entries.ts';
import type { LogRow } from '../chat/log/port.ts';

/**
 * Deletion wins over whatever else the row holds: nothing of what was said is given out, though a write that is
 * still on its way should bring some of it.
 */
export function projectedEntry(entry: MessageEntry, projection: MessageProjection): MessageEntry {
  if (projection.deletedAt === undefined) return { ...entry, projection };
  const { edited: _, ...deleted } = projection;
  const { authorId, clientMessageId } = entry;
  return { authorId, clientMessageId, text: '', metadata: null, mentions: [], projection: deleted };
}

const PROJECTED = {
  EDITED: true,
  DELETED: true,
  REACTION_ADDED: true,
  REACTION_REMOVED: true,
  PINNED: true,
  UNPINNED: true,
  THREAD_OPENED: true,
  MEMBER_JOINED: false,
  MEMBER_LEFT: false,
  CHANNEL_UPDATED: false,
} as const satisfies Record<ChangeKind, boolean>;

type ProjectedKind = {
  [Kind in ChangeKind]: (typeof PROJECTED)[Kind] extends true ? Kind : never;
}[ChangeKind];

/** A change that makes something of a message. */
export type MessageChange = LogRow<ChangeEntry & { readonly kind: ProjectedKind; readonly seq: number }>;

/** Those that concern a message, of the kinds that this version knows. */
export const messageChanges = (changes: readonly LogRow<ChangeEntry>[]): readonly MessageChange[] =>
  changes.filter(
    (row): row is MessageChange =>
      row.entry.seq !== undefined && Object.hasOwn(PROJECTED, row.entry.kind) && PROJECTED[row.entry.kind],
  );
