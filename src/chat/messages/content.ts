/** What a message says now: the newest edit's content, or nothing once it is deleted. */
import type { ChangeEntry, MessageContent, MessageEntry } from '../log/entries.ts';
import type { LogRow } from '../log/port.ts';

const ERASED: MessageContent = { text: '', metadata: null, mentions: [] };

/** The message from this deletion on, made of what was read before it: nothing of what was said is left in it. */
export function deletedBy(
  deletion: LogRow<ChangeEntry>,
  { authorId, clientMessageId, projection }: MessageEntry,
): MessageEntry {
  const { edited: _, pinnedAt: __, ...kept } = projection ?? { changedRev: 0 };
  const changedRev = Math.max(kept.changedRev, deletion.seq);
  return {
    authorId,
    clientMessageId,
    ...ERASED,
    projection: { ...kept, changedRev, deletedAt: deletion.at },
  };
}

/** Deletion wins over whatever the stores have not erased yet. */
export function contentNow(entry: MessageEntry): MessageContent {
  const { projection } = entry;
  if (projection?.deletedAt !== undefined) return ERASED;
  return projection?.edited ?? entry;
}
