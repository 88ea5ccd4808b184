/** A message while a batch of changes is decided: as the store shows it, and then with each change before the next. */

import {
  EARLIER_EDITS,
  type MessageContent,
  type MessageEntry,
  type MessageProjection,
} from '../log/entries.ts';
import { contentNow } from '../messages/content.ts';
import type { ReactionState } from './reaction-state.ts';

export class MessageState {
  content: MessageContent;
  isDeleted: boolean;
  isPinned: boolean;
  /** Revs of its edits, newest first. */
  #edits: readonly number[];
  /** Those the batch is about. */
  readonly #reactions: ReadonlyMap<string, ReactionState>;
  /** Emoji on the message that the batch is not about. */
  readonly #otherEmoji: number;

  /** @param edits revs of its edits, newest first: as many as one entry names. */
  constructor(entry: MessageEntry, edits: readonly number[], reactions: ReadonlyMap<string, ReactionState>) {
    const projection: Partial<MessageProjection> = entry.projection ?? {};
    this.content = contentNow(entry);
    this.isDeleted = projection.deletedAt !== undefined;
    this.isPinned = projection.pinnedAt !== undefined;
    this.#edits = edits.slice(0, EARLIER_EDITS);
    this.#reactions = reactions;
    this.#otherEmoji = Object.keys(projection.reactions ?? {}).filter(
      (emoji) => !reactions.has(emoji),
    ).length;
  }

  /** What a change that replaces or erases the content must name; empty before the first edit. */
  get edits(): readonly number[] {
    return this.#edits;
  }

  edit(content: MessageContent, rev: number): void {
    this.content = content;
    this.#edits = [rev, ...this.#edits].slice(0, EARLIER_EDITS);
  }

  reaction(emoji: string): ReactionState {
    const reaction = this.#reactions.get(emoji);
    if (reaction === undefined) throw new Error('a reaction that was not loaded');
    return reaction;
  }

  /** Different emoji that somebody has reacted with. */
  get emojiCount(): number {
    const present = [...this.#reactions.values()].filter(({ count }) => count > 0);
    return this.#otherEmoji + present.length;
  }
}
