/** Reading a log: always from the store, since only it knows what other replicas have saved. */
import { noAnswer } from './failures.ts';
import type { ChannelKey, LogRow, LogStore } from './port.ts';
import { findTails } from './tail.ts';

/** A search over numbers halves until so few are left that one read brings them all: ten million take 19 reads. */
const LAST_ROWS = 64;
const MOST_ROWS = 1_000;

/** Newest numbers, in the order asked: two calls as a rule, however many channels. */
export async function heads(
  store: LogStore<unknown>,
  channels: readonly ChannelKey[],
): Promise<readonly number[]> {
  const tails = await findTails(store, channels);
  return Promise.all(
    // A sealed bucket no longer says its newest number; its rows do.
    tails.map(({ channel, head, isSealed }) =>
      isSealed
        ? lastWhere(store, channel, head, head + store.bucketSize, (row) => row !== null)
        : Promise.resolve(head),
    ),
  );
}

export async function range<Entry>(
  store: LogStore<Entry>,
  channel: ChannelKey,
  from: number,
  to: number,
): Promise<readonly LogRow<Entry>[]> {
  const first = Math.max(1, from);
  if (to < first) return [];
  if (to - first >= MOST_ROWS) throw new RangeError(`at most ${MOST_ROWS} rows at once`);
  return store.range(channel, first, to);
}

/** Number of the last entry strictly before `at`: times never run backwards, so numbers can be halved. */
export async function lastBefore(store: LogStore<unknown>, channel: ChannelKey, at: number): Promise<number> {
  const [head] = await heads(store, [channel]);
  return lastWhere(store, channel, 0, head ?? 0, (row) => {
    if (row === null) throw noAnswer(new Error('a number below the head has no row'));
    return row.at < at;
  });
}

/** The highest number in low..high for which `holds`, which is true up to some number and false beyond; else `low`. */
async function lastWhere(
  store: LogStore<unknown>,
  channel: ChannelKey,
  low: number,
  high: number,
  holds: (row: LogRow<unknown> | null) => boolean,
): Promise<number> {
  let [yes, no] = [low, high + 1];
  while (no - yes - 1 > LAST_ROWS) {
    const seq = Math.floor((yes + no) / 2);
    const [row = null] = await store.rows([{ channel, seq }]);
    if (holds(row)) yes = seq;
    else no = seq;
  }
  if (no - yes === 1) return yes;
  const rows = new Map((await store.range(channel, yes + 1, no - 1)).map((row) => [row.seq, row]));
  while (yes + 1 < no && holds(rows.get(yes + 1) ?? null)) yes++;
  return yes;
}
