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

/** A message as it was sent. Send key: `authorId/clientMessageId`. */
export interface MessageEntry {
  readonly authorId: string;
  readonly clientMessageId: string;
  readonly text: string;
  readonly metadata: JsonObject | null;
  readonly mentions: readonly StoredMention[];
}

/** Names a send within its channel: who sent it, and what the client called it. */
export const messageSendKey = (authorId: string, clientMessageId: string): string =>
  `${authorId}/${clientMessageId}`;

export type ChangeKind = 'MEMBER_JOINED' | 'MEMBER_LEFT' | 'CHANNEL_UPDATED';

/**
 * A change of the channel that is no message. Its number in the change log is called `rev`. Send key: the id of
 * the outbox row that asked for it.
 */
export interface ChangeEntry {
  readonly kind: ChangeKind;
  /**
   * The messages' head known when it was appended: readers give messages up to this number before the change, so
   * that the two logs merge in one order.
   */
  readonly head: number;
  /** Who did it. */
  readonly actorId: string;
  /** Whom it concerns: the member who joined or left; null for CHANNEL_UPDATED. */
  readonly userId: string | null;
}
