/**
 * The port of projections: what changes come to lies with the messages they are about, so that reading a page reads
 * its messages as they are now. The same adapters implement it as the logs, on the same cell.
 *
 * Everything written here carries the rev it came from. It commutes and may be repeated at will: an older rev never
 * undoes what a newer one wrote, however late it is written again. A message's projected fields come with its row
 * (MessageEntry.projection) from the message log's `range` and `rows`.
 */
import type { ChangeEntry } from '../log/entries.ts';
import type { ChannelKey, LogRow } from '../log/port.ts';

export interface ReactionRef {
  readonly channel: ChannelKey;
  /** Of the message. */
  readonly seq: number;
  readonly emoji: string;
}

/** Every method settles within the adapter's own deadline; throws StoreUnreachable when the store does not answer. */
export interface ProjectionStore {
  /**
   * Writes what these changes (ascending revs, at most 64) make of their messages, durable on a quorum before it
   * returns; kinds that concern no message, or that this version does not know, write nothing. A deletion unpins the
   * message and erases its text, metadata and mentions, sent and edited, for good; an edit that comes upon a deleted
   * message writes none of its content and is itself erased in the change log. Earlier edits are `eraseEdits`' matter.
   * A message that is not there stays so.
   */
  project(channel: ChannelKey, changes: readonly LogRow<ChangeEntry>[]): Promise<void>;

  /** Erases the content that these edits carry, in the change log itself; the rest of the entries stays. */
  eraseEdits(channel: ChannelKey, revs: readonly number[]): Promise<void>;

  /**
   * Notes that every change up to `rev` is projected. Never moves back. Told back as BucketState.projected of the
   * change log's `states` and `consult`, of the bucket that holds `rev`.
   */
  noteProjected(channel: ChannelKey, rev: number): Promise<void>;

  /** The rev at which each person reacted so, null where they have not (any more). One call, batched by the adapter. */
  reactionRevs(
    refs: readonly (ReactionRef & { readonly userId: string })[],
  ): Promise<readonly (number | null)[]>;

  /**
   * Ids of the first `first` (at most 200) who have reacted so, by the order in which they did. One call. `since` is
   * that of the summary, where the caller has it: those before it who took their reaction back are not read over.
   */
  reactors(
    refs: readonly (ReactionRef & { readonly since?: number })[],
    first: number,
  ): Promise<readonly (readonly string[])[]>;

  /** Numbers of pinned messages between `after` and `before` (both exclusive), from that end, at most `limit`; ascending. */
  pins(
    channel: ChannelKey,
    page: {
      readonly after: number;
      readonly before: number;
      readonly limit: number;
      readonly backward: boolean;
    },
  ): Promise<readonly number[]>;
}
