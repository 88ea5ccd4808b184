/** The LogStore port over the worker: entries in and out of columns, on this side of the thread. */
import type { MessageEntry } from '../../chat/log/entries.ts';
import {
  type BucketState,
  bucketOf,
  type ChannelKey,
  type LogRow,
  type LogStore,
} from '../../chat/log/port.ts';
import { type EntryCodec, messageCodec } from '../entry-codec.ts';
import { projectedEntry } from '../projected-entry.ts';
import { projectionOf } from './projection.ts';
import type { AnswerTuple, LogName, Ref, RowTuple, StateTuple } from './protocol.ts';
import type { WorkerClient } from './worker-client.ts';

const key = ({ organizationId, channelId }: ChannelKey) => [organizationId, channelId] as const;
const ref = (channel: ChannelKey, number: number): Ref => [...key(channel), number];

function state(tuple: StateTuple): BucketState | null {
  if (tuple === null) return null;
  const [last, lastAt, projected, at, to] = tuple;
  return {
    last,
    lastAt,
    ...(projected !== null && { projected }),
    ...(at !== null && to !== null && { sealed: { at, to } }),
  };
}
const answer = ([stateTuple, sends]: AnswerTuple) => ({ state: state(stateTuple), sends: new Map(sends) });

/** The codec of messages whose last value is what changes made of them. */
export const projectedMessageCodec: EntryCodec<MessageEntry> = {
  ...messageCodec,
  decode(values) {
    const entry = messageCodec.decode(values);
    const projection = projectionOf(values[messageCodec.columns.length]);
    return projection === undefined ? entry : projectedEntry(entry, projection);
  },
};

/** One of the two logs. */
export function sqliteLogStore<Entry>(
  client: WorkerClient,
  log: LogName,
  codec: EntryCodec<Entry>,
  bucketSize: number,
): LogStore<Entry> {
  const tuple = (row: LogRow<Entry>): RowTuple => [row.seq, row.at, row.sendKey, ...codec.encode(row.entry)];
  const row = ([seq, at, sendKey, ...values]: RowTuple): LogRow<Entry> => ({
    seq,
    at,
    sendKey,
    entry: codec.decode(values),
  });

  return {
    bucketSize,
    async append({ channel, bucket, expectedLast, rows }) {
      const args = { ref: ref(channel, bucket), expectedLast, rows: rows.map(tuple) };
      const refusal = await client.call({ log, method: 'append', args });
      return refusal === null ? { applied: true } : { applied: false, ...answer(refusal) };
    },
    async seal(channel, head, to) {
      const bucket = ref(channel, bucketOf(head + 1, bucketSize));
      const args = { ref: bucket, expectedLast: head % bucketSize === 0 ? null : head, head, to };
      const refusal = await client.call({ log, method: 'seal', args });
      return refusal === null ? { applied: true } : { applied: false, ...answer(refusal) };
    },
    async consult({ channel, bucket }, sendKeys) {
      const args = { ref: ref(channel, bucket), sendKeys };
      return answer(await client.call({ log, method: 'consult', args }));
    },
    async states(refs) {
      const args = { refs: refs.map(({ channel, bucket }) => ref(channel, bucket)) };
      return (await client.call({ log, method: 'states', args })).map(state);
    },
    tailHints: (channels) => client.call({ log, method: 'tailHints', args: { channels: channels.map(key) } }),
    async hintTail({ channel, bucket }) {
      await client.call({ log, method: 'hintTail', args: { ref: ref(channel, bucket) } });
    },
    async range(channel, from, to) {
      const args = { channel: key(channel), from, to };
      return (await client.call({ log, method: 'range', args })).map(row);
    },
    async rows(refs) {
      const args = { refs: refs.map(({ channel, seq }) => ref(channel, seq)) };
      const tuples = await client.call({ log, method: 'rows', args });
      return tuples.map((found) => (found === null ? null : row(found)));
    },
  };
}
