/**
 * Changes whose message is there. After a restore from a backup whose tables were copied one after another the change
 * log may tell of messages that the message log lost: put into effect, such a change would wait for the next message
 * that gets this number.
 */
import type { ChangeEntry, MessageEntry } from '../log/entries.ts';
import type { ChannelKey, LogRow, LogStore } from '../log/port.ts';

/** One call, none when no change is of a message. Those of the channel and its members are among them. */
export async function changesOfMessagesThere(
  messages: Pick<LogStore<MessageEntry>, 'rows'>,
  channel: ChannelKey,
  changes: readonly LogRow<ChangeEntry>[],
): Promise<readonly LogRow<ChangeEntry>[]> {
  const seqs = [...new Set(changes.flatMap(({ entry: { seq } }) => (seq === undefined ? [] : [seq])))];
  if (seqs.length === 0) return changes;
  const rows = await messages.rows(seqs.map((seq) => ({ channel, seq })));
  const there = new Set(rows.flatMap((row) => (row === null ? [] : [row.seq])));
  return changes.filter(({ entry: { seq } }) => seq === undefined || there.has(seq));
}
