/** What a message says now: the newest edit's content, or nothing once it is deleted. */
import type { MessageContent, MessageEntry } from '../log/entries.ts';

const ERASED: MessageContent = { text: '', metadata: null, mentions: [] };

/** Deletion wins over whatever the stores have not erased yet. */
export function contentNow(entry: MessageEntry): MessageContent {
  const { projection } = entry;
  if (projection?.deletedAt !== undefined) return ERASED;
  return projection?.edited ?? entry;
}
