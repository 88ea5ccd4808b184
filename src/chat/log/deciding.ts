/**
 * A log whose entries depend on what stands before them: what a change comes to is decided on the state right after
 * the log's newest entry, and the append's condition on `last` makes that exact. If another replica was first,
 * nothing is written and it is decided anew.
 *
 * Entries of such a log take effect elsewhere too (a change is projected onto its message). Everything up to the head
 * is in effect before the next is appended, so that at most one batch at the log's end ever is not.
 */
import type { Send } from './log.ts';
import type { ChannelKey, LogRow } from './port.ts';

/** What becomes of a send: an entry, or an error for its sender (`Unchanged` when there is nothing to do). */
export type Decision<Entry> = { readonly entry: Entry } | { readonly error: Error };

/** Rejects a send whose entry would change nothing: it was not appended, and what it wanted is so already. */
export class Unchanged extends Error {
  override readonly name = 'Unchanged';
}

/** Every method may throw what the store throws (StoreUnreachable): it is then asked again. */
export interface Deciding<Entry> {
  /** Returns once every entry up to `head` is in effect. */
  settle(channel: ChannelKey, head: number): Promise<void>;
  /** What these sends become when appended in this order right after `head`, one decision for each. */
  decide(
    channel: ChannelKey,
    head: number,
    sends: readonly Send<Entry>[],
  ): Promise<readonly Decision<Entry>[]>;
  /** Puts into effect what was just appended; everything before is. Returns once it is durable. */
  apply(channel: ChannelKey, rows: readonly LogRow<Entry>[]): Promise<void>;
}
