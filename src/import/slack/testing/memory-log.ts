/** A log in memory that can be told to fail: for tests of what an import does when a store is away. */
import type { MessageEntry } from '../../../chat/log/entries.ts';
import type { Log, Send } from '../../../chat/log/log.ts';
import type { ChannelKey, LogRow } from '../../../chat/log/port.ts';

export interface MemoryLog extends Log<MessageEntry> {
  /** Asked before each append with how many were asked for until now; what it throws is what the append throws. */
  beforeAppend: (count: number) => void;
  /** Most appends that were under way at once. */
  readonly mostAtOnce: number;
  /** All rows of a channel. */
  all(channelId: string): readonly LogRow<MessageEntry>[];
}

export function memoryLog(): MemoryLog {
  const rows = new Map<string, LogRow<MessageEntry>[]>();
  const of = (channelId: string): LogRow<MessageEntry>[] => {
    const known = rows.get(channelId) ?? [];
    rows.set(channelId, known);
    return known;
  };
  let asked = 0;
  let underWay = 0;
  let mostAtOnce = 0;
  const log: MemoryLog = {
    beforeAppend: () => undefined,
    get mostAtOnce() {
      return mostAtOnce;
    },
    all: of,
    append: async ({ channelId }: ChannelKey, send: Send<MessageEntry>) => {
      asked += 1;
      const nth = asked;
      underWay += 1;
      mostAtOnce = Math.max(mostAtOnce, underWay);
      await new Promise(setImmediate);
      underWay -= 1;
      log.beforeAppend(nth);
      const channel = of(channelId);
      const basis =
        typeof send.searchBack === 'object' && 'basis' in send.searchBack ? send.searchBack.basis : 0;
      // Only as far back as the send asks for: a basis that is too new makes a second copy here.
      const there = channel.find((row) => row.seq > basis && row.sendKey === send.sendKey);
      if (there !== undefined) return { row: there, isDuplicate: true };
      const at = Math.max(send.at ?? Date.now(), channel.at(-1)?.at ?? 0);
      const row = { seq: channel.length + 1, at, sendKey: send.sendKey, entry: send.entry };
      channel.push(row);
      return { row, isDuplicate: false };
    },
    heads: async (channels) => channels.map((c) => of(c.channelId).length),
    range: async ({ channelId }, from, to) => of(channelId).slice(from - 1, to),
    rows: async (refs) => refs.map((ref) => of(ref.channel.channelId)[ref.seq - 1] ?? null),
    lastBefore: async ({ channelId }, at) => of(channelId).filter((row) => row.at < at).length,
    observe: () => undefined,
    close: async () => undefined,
  };
  return log;
}
