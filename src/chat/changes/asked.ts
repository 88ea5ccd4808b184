/**
 * Changes of a message as they are asked for: what they come to (the reactions after them, the edits before them) is
 * added when they are appended.
 */
import type { ChangeEntry, ChangeKind, MessageContent } from '../log/entries.ts';

/** What may be done to a message. */
export type MessageChangeKind = Extract<
  ChangeKind,
  'EDITED' | 'DELETED' | 'REACTION_ADDED' | 'REACTION_REMOVED' | 'PINNED' | 'UNPINNED'
>;

/** An edit that leaves the message's metadata as it is, whatever that is by then. */
interface KeepsMetadata extends ChangeEntry {
  readonly keepsMetadata: true;
}

export const keepsMetadata = (entry: ChangeEntry): entry is KeepsMetadata =>
  'keepsMetadata' in entry && entry.keepsMetadata === true;

interface Asked {
  readonly seq: number;
  readonly actorId: string;
}

/** The head is filled in when it is appended, as all messages known by then. */
const about = ({ seq, actorId }: Asked, kind: MessageChangeKind) => ({
  kind,
  head: seq,
  actorId,
  userId: null,
  seq,
});

/** @param content `metadata` left out: it stays. */
export function askEdit(
  asked: Asked,
  content: Omit<MessageContent, 'metadata'> & Partial<Pick<MessageContent, 'metadata'>>,
): ChangeEntry {
  const { text, mentions, metadata } = content;
  const entry = { ...about(asked, 'EDITED'), content: { text, mentions, metadata: metadata ?? null } };
  if (metadata !== undefined) return entry;
  const keeping: KeepsMetadata = { ...entry, keepsMetadata: true };
  return keeping;
}

export const askDelete = (asked: Asked): ChangeEntry => about(asked, 'DELETED');

export const askPin = (asked: Asked, isPinned: boolean): ChangeEntry =>
  about(asked, isPinned ? 'PINNED' : 'UNPINNED');

export const askReaction = (asked: Asked, emoji: string, isAdded: boolean): ChangeEntry => ({
  ...about(asked, isAdded ? 'REACTION_ADDED' : 'REACTION_REMOVED'),
  userId: asked.actorId,
  emoji,
});
