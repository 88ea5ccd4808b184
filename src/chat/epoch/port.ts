/**
 * The epochs of cells: which numbering of its logs a cell is at. Raised by a restore from backup, after which numbers
 * that were given once may be given again; so every cursor carries the epoch of the numbers in it.
 */

export interface CellStore {
  /** By the name of the cell. */
  epochs(): Promise<ReadonlyMap<string, number>>;
  /** Takes the cell's next epoch and returns it; null when there is no such cell. */
  raiseEpoch(cell: string): Promise<number | null>;
  /** Channels of the cell's organizations by (organization, id), after this one; the last page is shorter. */
  channels(cell: string, after: CellChannel | null, limit: number): Promise<readonly CellChannel[]>;
  /**
   * What a restore leaves ahead of the logs: checkpoints beyond a channel's head move back to it. Returns how many.
   */
  clampCheckpoints(heads: readonly (CellChannel & { readonly head: number })[]): Promise<number>;
}

export interface CellChannel {
  readonly organizationId: string;
  readonly channelId: string;
}
