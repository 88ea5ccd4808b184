/**
 * Where an earlier run stopped. An import appends in rounds of at most `window` messages and begins a round only
 * when the one before is saved whole, so only messages of the last round can be missing. Some of that round is
 * missing: then at least one of the newest `window` rows is of an earlier round, and lies before all of them in the
 * export. Going on from the first of the newest rows, in the order of the export, therefore passes every missing one.
 */
import type { MessageEntry } from '../../chat/log/entries.ts';
import type { Log } from '../../chat/log/log.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import { isImported } from './entry.ts';

export interface EarlierRun {
  /** Send names of the newest imported messages; empty when nothing was imported. */
  readonly newest: Set<string>;
  /** How many messages, imported or not, lie before the oldest of these. */
  readonly before: number;
  /** Number of the channel's newest message. */
  readonly head: number;
}

const PAGE = 500;

export async function earlierRun(
  log: Log<MessageEntry>,
  channel: ChannelKey,
  window: number,
): Promise<EarlierRun> {
  const [head = 0] = await log.heads([channel]);
  const newest = new Set<string>();
  let before = 0;
  // People may have written since: their messages are passed over, page by page.
  for (let to = head; to > 0 && newest.size < window; to -= PAGE) {
    const rows = await log.range(channel, Math.max(1, to - PAGE + 1), to);
    for (const row of rows.toReversed()) {
      if (newest.size >= window) break;
      if (!isImported(channel.channelId, row.entry)) continue;
      newest.add(row.entry.clientMessageId);
      before = row.seq - 1;
    }
  }
  return { newest, before, head };
}
