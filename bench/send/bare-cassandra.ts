/**
 * The bare driver on the log's own tables: the conditional batch of one message, with the log's own statements and
 * consistency, each sender in a channel of its own (two in one would refuse each other); and a plain insert of the
 * row alone, which promises nothing, as the floor.
 */
import { randomUUID } from 'node:crypto';
import { Client, types } from 'cassandra-driver';
import { messageSendKey } from '../../src/chat/log/entries.ts';
import { messageProjection } from '../../src/stores/cassandra/projected-columns.ts';
import { RowCodec } from '../../src/stores/cassandra/row-codec.ts';
import { statementsOf } from '../../src/stores/cassandra/statements.ts';
import { type CassandraUrl, contactPoints } from '../../src/stores/cassandra/url.ts';
import { messageCodec } from '../../src/stores/entry-codec.ts';
import { type Contender, ownCpuMicros } from '../measure.ts';
import { message } from './message.ts';

const BUCKET_SIZE = 4_096;
const { localQuorum, localSerial } = types.consistencies;

export interface BareCassandra {
  readonly conditional: Contender;
  readonly plain: Contender;
  close(): Promise<void>;
}

export async function bareCassandra(url: CassandraUrl): Promise<BareCassandra> {
  const client = new Client({
    contactPoints: contactPoints(url),
    localDataCenter: url.dc,
    protocolOptions: { port: url.port },
    ...(url.credentials && { credentials: url.credentials }),
    encoding: { useBigIntAsLong: true },
    pooling: { coreConnectionsPerHost: { [types.distance.local]: 2 } },
    queryOptions: { prepare: true, consistency: localQuorum, serialConsistency: localSerial },
  });
  await client.connect();
  const cql = statementsOf(url.keyspace, 'messages', messageCodec.columns, messageProjection.names);
  const codec = new RowCodec(messageCodec, messageProjection);
  const organizationId = randomUUID();

  /** Channels by sender, and the next row of each. */
  const nextRows = () => {
    const heads = new Map<number, { channelId: string; head: number }>();
    return (sender: number) => {
      const place = heads.get(sender) ?? { channelId: randomUUID(), head: 0 };
      heads.set(sender, place);
      const bucket = Math.floor(place.head / BUCKET_SIZE);
      const expected = place.head % BUCKET_SIZE === 0 ? null : BigInt(place.head);
      const entry = message(sender);
      const row = {
        seq: ++place.head,
        at: Date.now(),
        sendKey: messageSendKey(entry.authorId, entry.clientMessageId),
        entry,
      };
      return { ref: [organizationId, place.channelId, bucket], expected, row };
    };
  };

  const [nextConditional, nextPlain] = [nextRows(), nextRows()];
  return {
    conditional: {
      name: 'bare driver, same statements',
      cpuMicros: ownCpuMicros,
      async send(sender) {
        const { ref, expected, row } = nextConditional(sender);
        const result = await client.batch(
          [
            { query: cql.setLast, params: [BigInt(row.seq), new Date(row.at), ...ref, expected] },
            { query: cql.addRow, params: [...ref, ...codec.encode(row)] },
            { query: cql.addSend, params: [...ref, row.sendKey, BigInt(row.seq)] },
          ],
          { logged: false },
        );
        if (!result.wasApplied()) throw new Error('a batch in a channel of its own was refused');
      },
    },
    plain: {
      name: 'bare driver, plain insert',
      cpuMicros: ownCpuMicros,
      async send(sender) {
        const { ref, row } = nextPlain(sender);
        await client.execute(cql.addRow, [...ref, ...codec.encode(row)]);
      },
    },
    close: () => client.shutdown(),
  };
}
