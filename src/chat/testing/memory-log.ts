/**
 * A log in memory for tests of what stands above logs: gap-free, once per send key, and away when told to be.
 * Adapters and the appender have their own contract suites.
 */
import { unavailable } from '../errors.ts';
import type { Log } from '../log/log.ts';
import type { ChannelKey, LogRow } from '../log/port.ts';

export interface MemoryLog<Entry> extends Log<Entry> {
  /** While true every call fails with UNAVAILABLE. */
  isAway: boolean;
}

export function createMemoryLog<Entry>(options: {
  readonly now: () => number;
  readonly onAppended?: (channel: ChannelKey, rows: readonly LogRow<Entry>[]) => void;
}): MemoryLog<Entry> {
  const logs = new Map<string, LogRow<Entry>[]>();
  const rowsOf = ({ organizationId, channelId }: ChannelKey): LogRow<Entry>[] => {
    const key = `${organizationId}/${channelId}`;
    const rows = logs.get(key) ?? [];
    logs.set(key, rows);
    return rows;
  };
  const log: MemoryLog<Entry> = {
    isAway: false,
    async append(channel, { sendKey, entry, at }) {
      answer();
      const rows = rowsOf(channel);
      const first = rows.find((row) => row.sendKey === sendKey);
      if (first !== undefined) return { row: first, isDuplicate: true };
      const row = {
        seq: rows.length + 1,
        at: Math.max(at ?? options.now(), rows.at(-1)?.at ?? 0),
        sendKey,
        entry,
      };
      rows.push(row);
      options.onAppended?.(channel, [row]);
      return { row, isDuplicate: false };
    },
    async heads(channels) {
      answer();
      return channels.map((channel) => rowsOf(channel).length);
    },
    async range(channel, from, to) {
      answer();
      return rowsOf(channel).slice(from - 1, to);
    },
    async rows(refs) {
      answer();
      return refs.map(({ channel, seq }) => rowsOf(channel)[seq - 1] ?? null);
    },
    async lastBefore(channel, at) {
      answer();
      return rowsOf(channel).filter((row) => row.at < at).length;
    },
    observe: () => undefined,
    close: async () => undefined,
  };
  function answer(): void {
    if (log.isAway) throw unavailable('message store');
  }
  return log;
}
