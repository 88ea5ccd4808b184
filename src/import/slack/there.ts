/**
 * What a conversation's logs hold already, from an earlier run or an earlier version of this one: every send and every
 * change has a name that follows from the export, so looking at the logs once tells exactly what is missing. Nothing
 * is guessed from where an earlier run stopped, and what people did since (edits, deletions) does not matter.
 */
import type { ChannelKey } from '../../chat/log/port.ts';
import { patiently } from './patience.ts';
import type { Run } from './run.ts';
import type { Staging } from './staging.ts';

const PAGE = 500;

export async function noteThere(
  run: Run,
  staging: Staging,
  channel: ChannelKey,
  head: number,
): Promise<void> {
  for (let from = 1; from <= head && !run.signal.aborted; from += PAGE) {
    const to = Math.min(head, from + PAGE - 1);
    const rows = await patiently(run, () => run.stores.messages.range(channel, from, to));
    for (const { seq, entry } of rows) staging.noteThere(entry.clientMessageId, seq);
  }
}

export async function noteChanged(
  run: Run,
  staging: Staging,
  channel: ChannelKey,
  head: number,
): Promise<void> {
  for (let from = 1; from <= head && !run.signal.aborted; from += PAGE) {
    const to = Math.min(head, from + PAGE - 1);
    const rows = await patiently(run, () => run.stores.changes.range(channel, from, to));
    for (const { sendKey } of rows) staging.noteChanged(sendKey);
  }
}
