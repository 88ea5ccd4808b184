/** What a log promises of itself, checked on what the store kept. */
import { bucketOf, type ChannelKey, type LogRow, type LogStore, lastOfBucket } from '../port.ts';

const PAGE = 50;

/** Every row that a store has, by asking until it has no more. */
export async function readAll<Entry>(
  store: Pick<LogStore<Entry>, 'range'>,
  channel: ChannelKey,
): Promise<readonly LogRow<Entry>[]> {
  const rows: LogRow<Entry>[] = [];
  for (let from = 1; ; from += PAGE) {
    const page = await store.range(channel, from, from + PAGE - 1);
    rows.push(...page);
    if (page.length === 0) return rows;
  }
}

/** Numbers without a gap, times that never run backwards, each key once, states and send rows as the rows say. */
export async function checkKept<Entry>(
  store: LogStore<Entry>,
  channel: ChannelKey,
  rows: readonly LogRow<Entry>[],
): Promise<readonly string[]> {
  const broken: string[] = [];
  for (const [i, row] of rows.entries()) {
    if (row.seq !== i + 1) broken.push(`number ${i + 1} is ${row.seq}`);
    if (row.at < (rows[i - 1]?.at ?? 0)) broken.push(`time runs backwards at ${row.seq}`);
  }
  const keys = new Map<string, number>();
  for (const { sendKey, seq } of rows) {
    const first = keys.get(sendKey);
    if (first !== undefined) broken.push(`${sendKey} has the numbers ${first} and ${seq}`);
    keys.set(sendKey, seq);
  }
  const buckets = bucketOf(rows.length, store.bucketSize) + 1;
  for (let bucket = 0; bucket <= buckets; bucket++) {
    const own = rows.filter((row) => bucketOf(row.seq, store.bucketSize) === bucket);
    const { state, sends } = await store.consult(
      { channel, bucket },
      own.map((row) => row.sendKey),
    );
    const last = own.length === 0 ? undefined : Math.min(rows.length, lastOfBucket(bucket, store.bucketSize));
    if (state?.last !== last) broken.push(`bucket ${bucket} ends at ${state?.last}, its rows at ${last}`);
    for (const row of own)
      if (sends.get(row.sendKey) !== row.seq) broken.push(`the send row of ${row.seq} says otherwise`);
  }
  return broken;
}
