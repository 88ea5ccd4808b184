/** A message as one line of text: what a client shows of it, edited, deleted, reacted to. */
import type { MessageLineFragment } from './generated/graphql.ts';

export function line({
  seq,
  author,
  text,
  editedAt,
  deletedAt,
  reactions,
  replyCount,
}: MessageLineFragment): string {
  if (deletedAt !== null) return `${seq} ${author.handle}: (deleted)`;
  const notes = [
    ...(editedAt === null ? [] : ['edited']),
    ...reactions.map(({ emoji, count }) => `${emoji} ${count}`),
    // Null while the message store does not answer.
    ...(replyCount === null || replyCount === 0
      ? []
      : [replyCount === 1 ? '1 reply' : `${replyCount} replies`]),
  ];
  return `${seq} ${author.handle}: ${text}${notes.length === 0 ? '' : ` [${notes.join(', ')}]`}`;
}
