/**
 * What a conversation's logs hold already, from an earlier run or an earlier version of this one: every send and every
 * change has a name that follows from the export, so looking at the logs once tells exactly what is missing. Nothing
 * is guessed from where an earlier run stopped, and what people did since (edits, deletions) does not matter.
 */
import type { Log } from '../../chat/log/log.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import { patiently } from './patience.ts';
import type { Run } from './run.ts';
import type { Staging } from './staging.ts';

const PAGE = 500;

/** Sends of messages. */
export const noteThere = (run: Run, staging: Staging, channel: ChannelKey, head: number): Promise<void> =>
  goThrough(run, run.stores.messages, channel, head, ({ seq, entry }) =>
    staging.noteThere(entry.clientMessageId, seq),
  );

/** Changes. */
export const noteChanged = (run: Run, staging: Staging, channel: ChannelKey, head: number): Promise<void> =>
  goThrough(run, run.stores.changes, channel, head, ({ sendKey }) => staging.noteChanged(sendKey));

async function goThrough<Entry>(
  run: Run,
  log: Pick<Log<Entry>, 'range'>,
  channel: ChannelKey,
  head: number,
  note: (row: LogRow<Entry>) => void,
): Promise<void> {
  for (let from = 1; from <= head && !run.signal.aborted; from += PAGE) {
    const to = Math.min(head, from + PAGE - 1);
    for (const row of await patiently(run, () => log.range(channel, from, to))) note(row);
  }
}
