/** What a log promises its readers, checked on what the store kept. */
import { isDeepStrictEqual } from 'node:util';
import type { ChannelKey, LogRow, LogStore } from '../../src/chat/log/port.ts';

/** The same rows in the same order to whoever reads them, however: backward by pages, one by one. */
export async function checkReaders<Entry>(
  log: Pick<LogStore<Entry>, 'range' | 'rows'>,
  channel: ChannelKey,
  rows: readonly LogRow<Entry>[],
): Promise<readonly string[]> {
  const backward: LogRow<Entry>[] = [];
  for (let to = rows.length + 2; to > 0; to -= 3)
    backward.unshift(...(await log.range(channel, Math.max(1, to - 2), to)));
  const single = await log.rows(rows.map(({ seq }) => ({ channel, seq })));
  return [
    ...(isDeepStrictEqual(backward, rows) ? [] : ['backward is not forward reversed']),
    ...(isDeepStrictEqual(single, rows) ? [] : ['one by one is not all at once']),
  ];
}
