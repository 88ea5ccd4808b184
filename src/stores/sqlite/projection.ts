/**
 * What changes have made of a message, as its row keeps it: JSON that says of each part which rev wrote it, so that
 * an older one never undoes it. Read and written by whoever holds the one transaction there is.
 */
import type { MessageContent, MessageProjection, ReactionSummary } from '../../chat/log/entries.ts';
import type { ColumnValue } from '../entry-codec.ts';
import type { ChangeTuple } from './protocol.ts';

interface Stored {
  readonly changedRev: number;
  readonly edited?: MessageContent & { readonly at: number; readonly rev: number };
  readonly deleted?: { readonly rev: number; readonly at: number };
  /** `at` null: unpinned. */
  readonly pinned?: { readonly rev: number; readonly at: number | null };
  readonly thread?: { readonly rev: number; readonly id: string };
  readonly reactions?: Readonly<Record<string, ReactionSummary>>;
}

/** What comes out of the column was put there by `merge` below, of this version or another: its shape is our own. */
export const storedOf = (value: ColumnValue | undefined): Stored | null =>
  typeof value === 'string' ? (JSON.parse(value) as Stored) : null;

/** As the port tells it; undefined while nothing has changed the message. */
export function projectionOf(value: ColumnValue | undefined): MessageProjection | undefined {
  const stored = storedOf(value);
  if (stored === null) return undefined;
  const { changedRev, edited, deleted, pinned, thread, reactions } = stored;
  return {
    changedRev,
    ...(edited !== undefined && { edited }),
    ...(deleted !== undefined && { deletedAt: deleted.at }),
    ...(pinned !== undefined && pinned.at !== null && { pinnedAt: pinned.at }),
    ...(thread !== undefined && { threadId: thread.id }),
    ...(reactions !== undefined && { reactions }),
  };
}

/** The change on top of what is stored, but for reactions, which lie in tables of their own. Fields not known are kept. */
export function merge(
  stored: Stored | null,
  [rev, at, kind, , content, , , , threadId]: ChangeTuple,
): Stored {
  const next: Stored = { ...stored, changedRev: Math.max(stored?.changedRev ?? 0, rev) };
  const isNewer = (part: { readonly rev: number } | undefined): boolean =>
    part === undefined || part.rev < rev;
  const pin = (pinnedAt: number | null): Stored =>
    isNewer(next.pinned) ? { ...next, pinned: { rev, at: pinnedAt } } : next;
  switch (kind) {
    case 'EDITED':
      if (content === null || next.deleted !== undefined || !isNewer(next.edited)) return next;
      // Read back as it was written, whatever it holds.
      return { ...next, edited: { ...(JSON.parse(content) as MessageContent), at, rev } };
    case 'DELETED': {
      const { edited: _, ...rest } = pin(null);
      return isNewer(rest.deleted) ? { ...rest, deleted: { rev, at } } : rest;
    }
    case 'PINNED':
      return pin(at);
    case 'UNPINNED':
      return pin(null);
    case 'THREAD_OPENED':
      if (threadId === null || !isNewer(next.thread)) return next;
      return { ...next, thread: { rev, id: threadId } };
    case 'REACTION_ADDED':
    case 'REACTION_REMOVED':
      return next;
  }
}
