/** A log kept in memory that several replicas of a test share; it counts what is asked of it and may be down. */
import { unavailable } from '../../chat/errors.ts';
import type { Appended, Log } from '../../chat/log/log.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import { channelName } from '../topic-names.ts';

export interface FakeStore<Entry> {
  readonly rows: Map<string, LogRow<Entry>[]>;
  isDown: boolean;
  /** More channels than this in one call for heads are refused, as by a deadline. */
  mostHeads: number;
  /** Each answer takes up to this long. */
  delayMs: number;
  readonly calls: { heads: number; range: number; rows: number };
  /** Ranges that were being read at the same time, at most. */
  mostRanges: number;
  /** Numbers observed from other replicas. */
  readonly observed: number[];
  /** One replica's log over this store. */
  log(onAppended: (channel: ChannelKey, rows: readonly LogRow<Entry>[]) => void): Log<Entry>;
  /** Puts an entry there without telling anybody. */
  put(channel: ChannelKey, entry: Entry): LogRow<Entry>;
}

export function fakeStore<Entry>(chance: () => number = Math.random): FakeStore<Entry> {
  let ranges = 0;
  const rowsOf = (channel: ChannelKey): LogRow<Entry>[] => {
    const rows = store.rows.get(channelName(channel)) ?? [];
    store.rows.set(channelName(channel), rows);
    return rows;
  };
  /** As a network would: what is read is as it was at some moment during the call. */
  const answer = async <T>(read: () => T): Promise<T> => {
    if (store.isDown) throw unavailable('message store');
    await wait(chance() * store.delayMs);
    const result = read();
    await wait(chance() * store.delayMs);
    if (store.isDown) throw unavailable('message store');
    return result;
  };
  const store: FakeStore<Entry> = {
    rows: new Map(),
    isDown: false,
    mostHeads: Number.POSITIVE_INFINITY,
    delayMs: 0,
    calls: { heads: 0, range: 0, rows: 0 },
    mostRanges: 0,
    observed: [],
    put(channel, entry) {
      const rows = rowsOf(channel);
      const row = { seq: rows.length + 1, at: rows.length, sendKey: `key-${rows.length + 1}`, entry };
      rows.push(row);
      return row;
    },
    log: (onAppended) => ({
      async append(channel, { entry }): Promise<Appended<Entry>> {
        const row = await answer(() => store.put(channel, entry));
        onAppended(channel, [row]);
        return { row, isDuplicate: false };
      },
      heads: (channels) => {
        store.calls.heads += 1;
        if (channels.length > store.mostHeads) return Promise.reject(unavailable('message store'));
        return answer(() => channels.map((channel) => rowsOf(channel).length));
      },
      range: (channel, from, to) => {
        store.calls.range += 1;
        store.calls.rows += to - from + 1;
        ranges += 1;
        store.mostRanges = Math.max(store.mostRanges, ranges);
        return answer(() => rowsOf(channel).slice(from - 1, to)).finally(() => {
          ranges -= 1;
        });
      },
      rows: (refs) => answer(() => refs.map(({ channel, seq }) => rowsOf(channel)[seq - 1] ?? null)),
      lastBefore: async () => 0,
      observe: (_channel, row) => void store.observed.push(row.seq),
      close: async () => undefined,
    }),
  };
  return store;
}

const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => (ms === 0 ? setImmediate(resolve) : setTimeout(resolve, ms)));
