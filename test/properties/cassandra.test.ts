/** On however many nodes the tests' Cassandra has: one, or three with three copies of everything. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChangeLog } from '../../src/chat/changes/change-log.ts';
import type { MessageEntry } from '../../src/chat/log/entries.ts';
import { silentLogger } from '../../src/chat/logger.ts';
import { CassandraLogStore } from '../../src/stores/cassandra/log-store.ts';
import { migrateCassandra } from '../../src/stores/cassandra/migrate.ts';
import { openCassandraLogs } from '../../src/stores/cassandra/open.ts';
import { messageProjection } from '../../src/stores/cassandra/projected-columns.ts';
import type { Session } from '../../src/stores/cassandra/session.ts';
import { scratchKeyspace } from '../../src/stores/cassandra/testing/scratch-keyspace.ts';
import { type EntryCodec, messageCodec } from '../../src/stores/entry-codec.ts';
import { describeWith, serviceUrl } from '../services.ts';
import { changesPlan } from './changes-plan.ts';
import { playChanges } from './play-changes.ts';
import { logProperties, type OpenedStores } from './suite.ts';

const nodes = serviceUrl('cassandra').split(',').length;
const BUCKET_SIZE = 4;

interface Ground extends OpenedStores {
  readonly session: Session;
  readonly keyspace: string;
}

async function openGround(): Promise<Ground> {
  const scratch = scratchKeyspace('properties');
  const { keyspace } = scratch.parsed;
  await migrateCassandra({ url: scratch.url, logger: silentLogger });
  const logs = await openCassandraLogs({
    url: scratch.url,
    allowPeriodicCommitlog: false,
    bucketSize: BUCKET_SIZE,
    logger: silentLogger,
  });
  const session = await scratch.connect();
  const columns = await session.ask(
    'SELECT table_name, column_name FROM system_schema.columns WHERE keyspace_name = ?',
    [keyspace],
  );
  const tables = columns.flatMap(({ table_name, column_name }) =>
    column_name === 'channel_id' ? [`${keyspace}.${String(table_name)}`] : [],
  );
  return {
    ...logs,
    session,
    keyspace,
    /** Behind the adapter's back: whatever table there is. */
    async dump({ channelId }) {
      const kept: unknown[] = [];
      for (const table of tables) {
        const query = `SELECT JSON * FROM ${table} WHERE channel_id = ? ALLOW FILTERING`;
        kept.push(await session.read(query, [channelId]));
      }
      return JSON.stringify(kept);
    },
    async close() {
      await session.close();
      await logs.close();
      await scratch.drop();
    },
  };
}

/** The mistake: an append that names a projected column too, with the time of a conditional write. */
const namesProjection: EntryCodec<MessageEntry> = {
  columns: [...messageCodec.columns, { name: 'changed_rev', type: 'int', nullable: true }],
  encode: (entry) => [...messageCodec.encode(entry), 0],
  decode: (values) => messageCodec.decode(values),
};
/** The others: it reads that one with its own. */
const otherLater = {
  ...messageProjection,
  names: messageProjection.names.filter((name) => name !== 'changed_rev'),
};

await describeWith(['cassandra'], 'Cassandra', () => {
  // More where more can go wrong.
  logProperties(`Cassandra, nodes: ${nodes}`, { runs: nodes === 1 ? 8 : 16, lanes: 4 }, openGround);
  // What it shows of the properties, one node shows as well.
  if (nodes > 1) return;

  test('the properties notice an append that names a projected column', { timeout: 240_000 }, async () => {
    const ground = await openGround();
    const { session, keyspace, dump } = ground;
    try {
      const options = { keyspace, bucketSize: BUCKET_SIZE, deadlineMs: 5_000 };
      const messages = new CassandraLogStore(session, 'messages', namesProjection, otherLater, options);
      const property = fc.asyncProperty(changesPlan, async (plan) => {
        const broken = await playChanges(plan, createChangeLog, { ...ground, messages }, dump);
        if (broken.length > 0) throw new Error(broken.join('\n'));
      });
      const { failed, errorInstance } = await fc.check(property, { numRuns: 5, seed: 1, endOnFailure: true });
      expect(failed).toBe(true);
      expect(String(errorInstance)).toContain('before it was projected');
    } finally {
      await ground.close();
    }
  });
});
