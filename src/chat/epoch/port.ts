/**
 * The epochs of cells: which numbering of its logs a cell is at. Raised by a restore from backup, after which numbers
 * that were given once may be given again; so every cursor carries the epoch of the numbers in it.
 */
import type { ThreadRoot } from '../channels/port.ts';
import type { ChannelKey } from '../log/port.ts';

/** A channel of a cell; `root` of a thread, else null. */
export interface CellChannel extends ChannelKey {
  readonly root: ThreadRoot | null;
}

export interface CellStore {
  /** By the name of the cell. */
  epochs(): Promise<ReadonlyMap<string, number>>;
  /** Takes the cell's next epoch and returns it; null when there is no such cell. */
  raiseEpoch(cell: string): Promise<number | null>;
  /** Channels of the cell's organizations in the order of (organization, id), after this one; at most `limit`. */
  channels(cell: string, after: ChannelKey | null, limit: number): Promise<readonly CellChannel[]>;
  /** Checkpoints beyond the head of their channel move back to it. Returns how many did. */
  clampCheckpoints(heads: readonly (ChannelKey & { readonly head: number })[]): Promise<number>;
  /** Threads, with their followers, of messages that are no more. */
  forgetThreads(threads: readonly ChannelKey[]): Promise<void>;
}
