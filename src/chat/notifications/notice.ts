/** What a message says to whom, as its row in the log has it. */
import type { MessageContent, MessageEntry } from '../log/entries.ts';
import type { LogRow } from '../log/port.ts';
import { contentNow } from '../messages/content.ts';
import type { Notice } from './port.ts';

/** Somebody who names `@channel` and `@here` names the whole channel. */
function groupOf({ mentions }: MessageContent): Notice['group'] {
  if (mentions.some(({ kind }) => kind === 'CHANNEL')) return 'CHANNEL';
  return mentions.some(({ kind }) => kind === 'HERE') ? 'HERE' : null;
}

/** Whom the message names now: after its newest edit; nobody once it is deleted. */
export function noticeOf({ seq, at, entry }: LogRow<MessageEntry>): Notice {
  const content = contentNow(entry);
  const mentioned = content.mentions.flatMap(({ userId }) => (userId === undefined ? [] : [userId]));
  return {
    seq,
    at,
    authorId: entry.authorId,
    mentioned: [...new Set(mentioned)],
    group: groupOf(content),
    isDeleted: entry.projection?.deletedAt !== undefined,
  };
}
