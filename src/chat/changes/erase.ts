/** Erases what a deleted message had said: all its edits in the change log, however many. */
import type { ChangeEntry } from '../log/entries.ts';
import { type ChannelKey, type LogRow, type LogStore, StoreUnreachable } from '../log/port.ts';
import type { ProjectionStore } from './port.ts';

/**
 * Follows the chain of edits back from a deletion: each names those before it, and the oldest named goes on. Safe to
 * repeat from the start, since an erased edit still names those before it.
 */
export async function eraseEdits(
  changes: LogStore<ChangeEntry>,
  projections: Pick<ProjectionStore, 'eraseEdits'>,
  channel: ChannelKey,
  deletion: LogRow<ChangeEntry>,
): Promise<void> {
  let revs = deletion.entry.earlierEdits ?? [];
  for (let before = deletion.seq; revs.length > 0; ) {
    const oldest = revs.at(-1) ?? 0;
    // Each step leads further back, whatever a row says: the walk ends.
    if (oldest >= before) throw new Error(`change ${before} names later edits as earlier ones`);
    before = oldest;
    const [[row]] = await Promise.all([
      changes.rows([{ channel, seq: oldest }]),
      projections.eraseEdits(channel, revs),
    ]);
    if (row == null) throw new StoreUnreachable(`the store does not show change ${oldest}`);
    revs = row.entry.earlierEdits ?? [];
  }
}
