/** What the two logs of a channel hold. Adapters store the fields they are given; they know no rules. */
import type { JsonObject } from '../json.ts';

/** Where a text names someone; the person is kept, so that a later change of handle does no harm. */
export interface StoredMention {
  readonly kind: 'USER' | 'CHANNEL' | 'HERE';
  /** Set for USER. */
  readonly userId?: string;
  /** Offset and length in UTF-16 code units. */
  readonly start: number;
  readonly length: number;
}

/** What a message says; an edit replaces all of it. */
export interface MessageContent {
  readonly text: string;
  readonly metadata: JsonObject | null;
  readonly mentions: readonly StoredMention[];
}

/** A message as it was sent. Send key: `authorId/clientMessageId`. */
export interface MessageEntry extends MessageContent {
  readonly authorId: string;
  readonly clientMessageId: string;
  /**
   * What later changes made of it, as read from the store: absent while nothing has changed it. An append never
   * carries it.
   */
  readonly projection?: MessageProjection;
}

/** Names a send within its channel: who sent it, and what the client called it. */
export const messageSendKey = (authorId: string, clientMessageId: string): string =>
  `${authorId}/${clientMessageId}`;

/** Names a change of a message within its channel: who made it, and what the client called it. */
export const changeSendKey = (actorId: string, clientChangeId: string): string =>
  `${actorId}/${clientChangeId}`;

/** Who reacted to a message with one emoji: bounded, however many they are. */
export interface ReactionSummary {
  readonly count: number;
  /** Rev at which the first of the present ones reacted: reactions are shown in this order. */
  readonly since: number;
  /** Ids of the first few who reacted, in order: at most `REACTORS_KEPT`. */
  readonly first: readonly string[];
}

/** Of each emoji so many reactors lie in the message's own row, where reading them costs nothing. */
export const REACTORS_KEPT = 5;

/** What the changes of a message come to, up to `changedRev`. */
export interface MessageProjection {
  /** Rev of the newest change of this message. */
  readonly changedRev: number;
  /** The newest edit: what it says now, when it was edited, milliseconds since the epoch, and that edit's rev. */
  readonly edited?: MessageContent & { readonly at: number; readonly rev: number };
  /** When it was deleted, milliseconds since the epoch. The content is erased then, the edited too. */
  readonly deletedAt?: number;
  /** When it was pinned, while it is. */
  readonly pinnedAt?: number;
  /** Its thread's channel, once opened. */
  readonly threadId?: string;
  /** By emoji; none with count 0. */
  readonly reactions?: Readonly<Record<string, ReactionSummary>>;
}

export type ChangeKind =
  | 'MEMBER_JOINED'
  | 'MEMBER_LEFT'
  | 'CHANNEL_UPDATED'
  | 'EDITED'
  | 'DELETED'
  | 'REACTION_ADDED'
  | 'REACTION_REMOVED'
  | 'PINNED'
  | 'UNPINNED'
  | 'THREAD_OPENED';

/**
 * A change of the channel, or of one of its messages. Its number in the change log is called `rev`. Send key: the id
 * of the outbox row that asked for it, `actorId/clientChangeId` of an edit, or a name made by the server.
 *
 * What it comes to (the content after an edit, the reactions after a reaction) is decided when it is appended, on the
 * state right before it, and stands in the entry: projecting it only writes, needs nothing before it, and may be repeated.
 */
export interface ChangeEntry {
  readonly kind: ChangeKind;
  /**
   * The messages' head known when it was appended, and at least the number of the message it is about: readers give
   * messages up to this number before the change, so that the two logs merge in one order.
   */
  readonly head: number;
  /** Who did it. */
  readonly actorId: string;
  /** Whom it concerns: the member who joined or left, whoever reacted; null for the rest. */
  readonly userId: string | null;
  /** Number of the message it is about; absent for changes of the channel and its members. */
  readonly seq?: number;
  /** EDITED: what the message says from now on; absent once it was erased. */
  readonly content?: MessageContent;
  /**
   * EDITED, DELETED: revs of earlier edits of the message, newest first, at most `EARLIER_EDITS`; the oldest of
   * them names those before it. A deletion erases them all.
   */
  readonly earlierEdits?: readonly number[];
  /** REACTION_ADDED, REACTION_REMOVED. */
  readonly emoji?: string;
  /** The same: who has reacted with this emoji after it; null when nobody is left. */
  readonly reaction?: ReactionSummary | null;
  /** REACTION_REMOVED: the rev that had added it. */
  readonly addedRev?: number;
  /** THREAD_OPENED: the thread's channel. */
  readonly threadId?: string;
}

export const EARLIER_EDITS = 32;
