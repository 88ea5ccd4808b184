/** Turns a batch of what was asked for into one of what is appended. */
import type { NextBatch } from './batch.ts';
import type { Deciding } from './deciding.ts';
import type { PendingSend } from './pending-send.ts';
import type { LogRow } from './port.ts';

/**
 * The batch with the entries as decided on the state right after `head`, numbered anew without those that are not
 * appended. It may have no rows at all. Throws what the store throws.
 */
export async function decideBatch<Entry>(
  deciding: Deciding<Entry>,
  head: number,
  { batch, sends }: NextBatch<Entry>,
): Promise<NextBatch<Entry>> {
  const decisions = await deciding.decide(
    batch.channel,
    head,
    sends.map(({ send }) => send),
  );
  const rows: LogRow<Entry>[] = [];
  const kept: PendingSend<Entry>[] = [];
  const undone: { pending: PendingSend<Entry>; error: Error }[] = [];
  sends.forEach((pending, i) => {
    const [row, decision] = [batch.rows[i], decisions[i]];
    if (row === undefined || decision === undefined)
      throw new Error('one row and one decision for each send');
    if ('error' in decision) {
      undone.push({ pending, error: decision.error });
    } else {
      rows.push({ ...row, seq: head + 1 + rows.length, entry: decision.entry });
      kept.push(pending);
    }
  });
  return { batch: { ...batch, rows }, sends: kept, undone };
}

/** Answers those that were decided against. */
export function rejectUndone<Entry>({ undone = [] }: NextBatch<Entry>): void {
  for (const { pending, error } of undone) pending.reject(error);
}
