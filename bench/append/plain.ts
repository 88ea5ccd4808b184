/**
 * What the appends are compared with: one unconditional insert of the same row into the same table, durable before
 * it is acknowledged. It promises nothing more: no order, no density, no "once".
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { messageSendKey } from '../../src/chat/log/entries.ts';
import { bucketOf, type ChannelKey } from '../../src/chat/log/port.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { DEFAULT_BUCKET_SIZE } from '../../src/stores/cassandra/defaults.ts';
import { messageProjection } from '../../src/stores/cassandra/projected-columns.ts';
import { RowCodec } from '../../src/stores/cassandra/row-codec.ts';
import { Session } from '../../src/stores/cassandra/session.ts';
import { statementsOf } from '../../src/stores/cassandra/statements.ts';
import type { CassandraUrl } from '../../src/stores/cassandra/url.ts';
import { messageCodec } from '../../src/stores/entry-codec.ts';
import { prepareSchema } from '../../src/stores/sqlite/schema.ts';
import { type Contender, ownCpuMicros } from '../measure.ts';
import { freshChannels } from '../send/log.ts';
import { message } from '../send/message.ts';

export interface Plain {
  /** Senders share so many channels. */
  contender(channels: number): Contender;
  close(): Promise<void>;
}

const DEADLINE_MS = 20_000;

/** The prepared insert at LOCAL_QUORUM, over connections with the settings of the log's own. */
export async function plainCassandra(url: CassandraUrl): Promise<Plain> {
  const session = new Session(url, DEADLINE_MS, silentLogger);
  await session.client.connect();
  const { addRow } = statementsOf(url.keyspace, 'messages', messageCodec.columns, messageProjection.names);
  const codec = new RowCodec(messageCodec, messageProjection);
  return {
    contender: (channels) => {
      const nextRow = rowsOf(channels);
      return {
        name: 'plain insert',
        cpuMicros: ownCpuMicros,
        async send(sender) {
          const { channel, ...row } = nextRow(sender);
          const ref = [channel.organizationId, channel.channelId, bucketOf(row.seq, DEFAULT_BUCKET_SIZE)];
          await session.write(addRow, [...ref, ...codec.encode(row)]);
        },
      };
    },
    close: () => session.close(),
  };
}

/** One insert, one transaction, one sync, on this thread. */
export function plainSqlite(dir: string): Plain {
  const db = new DatabaseSync(join(dir, 'plain.sqlite'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON;');
  prepareSchema(db, DEFAULT_BUCKET_SIZE);
  const names = messageCodec.columns.map((column) => column.name);
  const addRow = db.prepare(
    `INSERT INTO messages (organization_id, channel_id, seq, at, send_key, ${names.join(', ')})
     VALUES (?, ?, ?, ?, ?, ${names.map(() => '?').join(', ')})`,
  );
  return {
    contender: (channels) => {
      const nextRow = rowsOf(channels);
      return {
        name: 'plain insert',
        cpuMicros: ownCpuMicros,
        async send(sender) {
          const { channel, seq, at, sendKey, entry } = nextRow(sender);
          addRow.run(
            channel.organizationId,
            channel.channelId,
            seq,
            at,
            sendKey,
            ...messageCodec.encode(entry),
          );
          // As every acknowledgement does: the other senders get their turn.
          await Promise.resolve();
        },
      };
    },
    close: async () => db.close(),
  };
}

/** Rows numbered on in each channel. */
function rowsOf(channels: number) {
  const places = freshChannels(channels).map((channel) => ({ channel, head: 0 }));
  return (sender: number) => {
    const place = places[sender % places.length];
    if (place === undefined) throw new Error('there is a channel for every sender');
    const entry = message(sender);
    return {
      channel: place.channel satisfies ChannelKey,
      seq: ++place.head,
      at: Date.now(),
      sendKey: messageSendKey(entry.authorId, entry.clientMessageId),
      entry,
    };
  };
}
