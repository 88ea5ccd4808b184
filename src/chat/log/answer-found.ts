/** Answers sends whose number is known with the row that has it: the first one's content, whatever they carry. */
import type { AppendContext } from './append-context.ts';
import type { Found } from './copy-search.ts';
import { failureOf, noAnswer } from './failures.ts';
import type { PendingSend } from './pending-send.ts';
import type { ChannelKey, LogRow } from './port.ts';

/** @param tell called first, with those rows that this replica itself had saved without knowing it, ascending.
 * @returns false when the rows could not be read: such rows may then be untold. */
export async function answerFound<Entry>(
  { store, deciding }: Pick<AppendContext<Entry>, 'store' | 'deciding'>,
  channel: ChannelKey,
  found: readonly Found<Entry>[],
  tell: (rows: readonly LogRow<Entry>[]) => void,
): Promise<boolean> {
  const ascending = [...found].sort((a, b) => a.seq - b.seq);
  let rows: readonly (LogRow<Entry> | null)[];
  try {
    rows = await store.rows(ascending.map(({ seq }) => ({ channel, seq })));
    const newest = ascending.at(-1);
    // Nobody is told or answered of an entry that is not in effect yet.
    if (deciding !== null && newest !== undefined) await deciding.settle(channel, newest.seq);
  } catch (error) {
    for (const { pending } of found) pending.reject(failureOf(error));
    return false;
  }
  const answers = ascending.map(({ pending }, i) => {
    const row = rows[i] ?? null;
    return { pending, row: row?.sendKey === pending.send.sendKey ? row : null };
  });
  tell(answers.flatMap(({ pending, row }) => (row !== null && isOwn(pending, row) ? [row] : [])));
  for (const { pending, row } of answers) {
    if (row !== null) pending.resolve({ row, isDuplicate: !isOwn(pending, row) });
    else pending.reject(noAnswer(new Error('a send row names a number that has no such row')));
  }
  return true;
}

/** True when the row is what an append of unknown outcome was to write: this send itself, not an earlier copy. */
const isOwn = <Entry>({ attempts }: PendingSend<Entry>, row: LogRow<Entry>): boolean =>
  attempts.some(({ seq, at }) => seq === row.seq && at === row.at);
