/** The LogStore port over the worker: entries in and out of columns, on this side of the thread. */
import type { ChannelKey, LogRow, LogStore } from '../../chat/log/port.ts';
import type { EntryCodec } from '../entry-codec.ts';
import type { AnswerTuple, LogName, Ref, RowTuple, StateTuple } from './protocol.ts';
import type { WorkerClient } from './worker-client.ts';

const key = ({ organizationId, channelId }: ChannelKey) => [organizationId, channelId] as const;
const ref = (channel: ChannelKey, number: number): Ref => [...key(channel), number];

const state = (tuple: StateTuple) => (tuple === null ? null : { last: tuple[0], lastAt: tuple[1] });
const answer = ([stateTuple, sends]: AnswerTuple) => ({ state: state(stateTuple), sends: new Map(sends) });

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
