/** A keyspace of an older version becomes one of this version, with all that is in it. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { content, DecidedChanges } from '../../chat/changes/testing/decided-changes.ts';
import { freshChannel, messageRow } from '../../chat/log/log-store.contract.ts';
import { silentLogger } from '../../chat/logger.ts';
import { fixBucketSize, fixHomeDatacenter, noteStep } from './cell.ts';
import { migrateCassandra } from './migrate.ts';
import { openCassandraLogs } from './open.ts';
import type { Session } from './session.ts';
import { schemaSteps, versionTable } from './tables.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';

await describeWith(['cassandra'], 'A keyspace from before messages could be changed', () => {
  const scratch = scratchKeyspace();
  const { keyspace, dc } = scratch.parsed;
  const channel = freshChannel();
  const ref = [channel.organizationId, channel.channelId, 0];
  const rows = [1, 2, 3].map((seq) => messageRow(seq));
  const joined = {
    seq: 1,
    at: 1_750_000_000_000,
    sendKey: 'outbox/1',
    entry: { kind: 'MEMBER_JOINED' as const, head: 0, actorId: 'a', userId: 'u' },
  };
  let behind: Session;

  beforeAll(async () => {
    behind = await scratch.connect();
    const define = (statement: string) => behind.client.execute(statement, [], { prepare: false });
    await define(
      `CREATE KEYSPACE ${keyspace} WITH replication = {'class': 'NetworkTopologyStrategy', '${dc}': 1}`,
    );
    await define(versionTable(keyspace));
    await fixHomeDatacenter(behind, scratch.parsed);
    await fixBucketSize(behind, keyspace, 64);
    for (const statement of schemaSteps[0]?.statements(keyspace) ?? []) await define(statement);
    await noteStep(behind, keyspace, 1);

    // As that version appended.
    const append = (
      log: string,
      names: string,
      seq: number,
      at: number,
      sendKey: string,
      values: unknown[],
    ) =>
      behind.conditional([
        {
          query: `UPDATE ${keyspace}.${log} SET last = ?, last_at = ? WHERE organization_id = ? AND channel_id = ? AND bucket = ? IF last = ?`,
          params: [BigInt(seq), new Date(at), ...ref, seq === 1 ? null : BigInt(seq - 1)],
        },
        {
          query: `INSERT INTO ${keyspace}.${log} (organization_id, channel_id, bucket, send_key, seq, sent_as, created_at, ${names})
                  VALUES (?, ?, ?, '', ?, ?, ?, ${values.map(() => '?').join(', ')})`,
          params: [...ref, BigInt(seq), sendKey, new Date(at), ...values],
        },
        {
          query: `INSERT INTO ${keyspace}.${log} (organization_id, channel_id, bucket, seq, send_key, sent_seq) VALUES (?, ?, ?, 0, ?, ?) IF NOT EXISTS`,
          params: [...ref, sendKey, BigInt(seq)],
        },
      ]);
    for (const { seq, at, sendKey, entry } of rows) {
      const values = [entry.authorId, entry.clientMessageId, entry.text];
      await append('messages', 'author_id, client_message_id, text', seq, at, sendKey, values);
    }
    const values = ['MEMBER_JOINED', 0n, 'a', 'u'];
    await append('changes', 'kind, head, actor_id, user_id', 1, joined.at, joined.sendKey, values);
  });
  afterAll(async () => {
    await behind?.close();
    await scratch.drop();
  });

  const options = {
    url: scratch.url,
    allowPeriodicCommitlog: false,
    bucketSize: 64,
    logger: silentLogger,
    waitMs: 5_000,
  };

  test('is refused until it is migrated', async () => {
    await expect(openCassandraLogs(options)).rejects.toMatchObject({
      fault: 'SCHEMA_OLDER',
      message: expect.stringContaining('npm run cli -- migrate'),
    });
    const done = await migrateCassandra({ url: scratch.url, logger: silentLogger });
    expect(done).toEqual(schemaSteps.slice(1).map(({ version, what }) => `schema step ${version}: ${what}`));
    expect(await migrateCassandra({ url: scratch.url, logger: silentLogger })).toEqual([]);
  });

  test('keeps its messages and changes, and takes further ones', async () => {
    const logs = await openCassandraLogs(options);
    try {
      expect(await logs.messages.range(channel, 1, 10)).toEqual(rows);
      expect(await logs.changes.range(channel, 1, 10)).toEqual([joined]);

      const decided = new DecidedChanges(3);
      decided.other({ kind: 'MEMBER_JOINED' });
      const changes = [decided.edit(2, content('edited')), decided.delete(3)];
      const append = { channel, bucket: 0, expectedLast: 1, rows: changes };
      expect(await logs.changes.append(append)).toEqual({ applied: true });
      expect(await logs.changes.range(channel, 1, 10)).toEqual([joined, ...changes]);
      await logs.projections.project(channel, [joined, ...changes]);
      await logs.projections.noteProjected(channel, 3);
      expect((await logs.messages.range(channel, 1, 10)).map((row) => row.entry.projection)).toEqual([
        undefined,
        decided.projection(2),
        decided.projection(3),
      ]);
      expect((await logs.messages.range(channel, 3, 3))[0]?.entry.text).toBe('');
      expect((await logs.changes.states([{ channel, bucket: 0 }]))[0]?.projected).toBe(3);
      expect(
        await logs.messages.append({ channel, bucket: 0, expectedLast: 3, rows: [messageRow(4)] }),
      ).toEqual({
        applied: true,
      });
    } finally {
      await logs.close();
    }
  });
});
