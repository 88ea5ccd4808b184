/** What changes make of messages in the tests' fake store: as much of it as events and replays look at. */
import type { ChangeEntry, MessageEntry, MessageProjection } from '../../chat/log/entries.ts';
import type { LogRow } from '../../chat/log/port.ts';

/** The message's row once this change is in effect. */
export function projected(
  message: LogRow<MessageEntry>,
  { seq: rev, at, entry }: LogRow<ChangeEntry>,
): LogRow<MessageEntry> {
  const before: MessageProjection = message.entry.projection ?? { changedRev: 0 };
  let now: MessageProjection = { ...before, changedRev: Math.max(before.changedRev, rev) };
  if (entry.kind === 'EDITED' && entry.content !== undefined) {
    now = { ...now, edited: { ...entry.content, at, rev } };
  }
  if (entry.kind === 'DELETED') now = { ...now, deletedAt: at };
  if (entry.kind === 'PINNED') now = { ...now, pinnedAt: at };
  if (entry.threadId !== undefined) now = { ...now, threadId: entry.threadId };
  return { ...message, entry: { ...message.entry, projection: now } };
}
