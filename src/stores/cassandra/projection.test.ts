/** What only Cassandra can get wrong: projections beside appends, their timestamps, the size of a batch. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { content, DecidedChanges } from '../../chat/changes/testing/decided-changes.ts';
import { systemClock } from '../../chat/clock.ts';
import { createLog } from '../../chat/log/create-log.ts';
import { freshChannel, messageRow } from '../../chat/log/log-store.contract.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import { messageSend } from '../../chat/log/testing/sends.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from './migrate.ts';
import { type CassandraLogs, openCassandraLogs } from './open.ts';
import type { Session } from './session.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';

await describeWith(['cassandra'], 'A bucket in Cassandra', () => {
  const scratch = scratchKeyspace();
  const table = `${scratch.parsed.keyspace}.messages`;
  const bucket = 'organization_id = ? AND channel_id = ? AND bucket = ?';
  const options = {
    url: scratch.url,
    allowPeriodicCommitlog: false,
    bucketSize: 64,
    logger: silentLogger,
  };
  let logs: CassandraLogs;
  let behind: Session;

  beforeAll(async () => {
    await migrateCassandra({ url: scratch.url, logger: silentLogger });
    behind = await scratch.connect();
    logs = await openCassandraLogs(options);
  });
  afterAll(async () => {
    await logs?.close();
    await behind?.close();
    await scratch.drop();
  });

  const refOf = ({ organizationId, channelId }: ChannelKey) => [organizationId, channelId, 0];
  const append = (channel: ChannelKey, rows: ReturnType<typeof messageRow>[], expectedLast: number | null) =>
    logs.messages.append({ channel, bucket: 0, expectedLast, rows });
  const columns = async (channel: ChannelKey, seq: number, names: string) =>
    (
      await behind.read(`SELECT ${names} FROM ${table} WHERE ${bucket} AND seq = ? AND send_key = ''`, [
        ...refOf(channel),
        BigInt(seq),
      ])
    )[0];

  /** A channel with one message, and its changes. */
  const oneMessage = async () => {
    const channel = freshChannel();
    const row = messageRow(1, { entry: { ...messageRow(1).entry, text: 'sent', metadata: { x: 1 } } });
    await append(channel, [row], null);
    return { channel, row, decided: new DecidedChanges(1) };
  };
  const projectionIn = async (channel: ChannelKey) =>
    (await logs.messages.range(channel, 1, 1))[0]?.entry.projection;

  describe('with projections', () => {
    test('carries them with timestamps of epoch and rev, far below those of its appends', async () => {
      const { channel, decided } = await oneMessage();
      await logs.projections.project(channel, [decided.edit(1, content('edited'))]);
      const written = await columns(channel, 1, 'writetime(edited) AS edited_at, writetime(text) AS text_at');
      expect(BigInt(String(written?.edited_at))).toBe(2n ** 40n + 1n);
      expect(Number(written?.text_at)).toBeGreaterThan(1_700_000_000_000_000);
    });

    test('of a later epoch, after a restore, shows those whatever their revs', async () => {
      const { channel, decided } = await oneMessage();
      const before = [1, 2, 3].map((n) => decided.edit(1, content(`before ${n}`)));
      await logs.projections.project(channel, [...before, decided.pin(1), decided.react(1, '👍')]);
      const restored = await openCassandraLogs({ ...options, epoch: () => 2 });
      try {
        const after = new DecidedChanges(1);
        const user = randomUUID();
        await restored.projections.project(channel, [
          after.edit(1, content('after')),
          after.unpin(1),
          after.react(1, '👍', user),
        ]);
        expect(await projectionIn(channel)).toEqual(after.projection(1));
        // What a replica of the earlier epoch is still about to write comes too late.
        await logs.projections.project(channel, before);
        expect(await projectionIn(channel)).toEqual(after.projection(1));
      } finally {
        await restored.close();
      }
    });

    test('would hide them if an append named one of their columns, which is why none does', async () => {
      const { channel, row, decided } = await oneMessage();
      const edit = decided.edit(1, content('edited'));
      await behind.conditional([
        {
          query: `UPDATE ${table} SET edited = null WHERE ${bucket} AND seq = ? AND send_key = '' IF created_at = ?`,
          params: [...refOf(channel), 1n, new Date(row.at)],
        },
      ]);
      await logs.projections.project(channel, [edit]);
      expect((await projectionIn(channel))?.edited).toBeUndefined();
    });

    test('erases what was sent by deletes just above the time it was written', async () => {
      const { channel, decided } = await oneMessage();
      const said = async () => Object.values((await columns(channel, 1, 'text, metadata, edited')) ?? {});
      await logs.projections.project(channel, [decided.edit(1, content('edited'))]);
      expect(await said()).toEqual(['sent', '{"x":1}', expect.stringContaining('edited')]);
      await logs.projections.project(channel, [decided.delete(1)]);
      expect(await said()).toEqual([null, null, null]);
      // A replica that slept through all of it; and one that had it before the deletion and writes it only now.
      await logs.projections.project(channel, decided.rows.slice(0, 1));
      const late = `UPDATE ${table} USING TIMESTAMP ? SET edited = 'late' WHERE ${bucket} AND seq = ? AND send_key = ''`;
      await behind.write(late, [2n ** 40n + 1n, ...refOf(channel), 1n]);
      await behind.write(late, [2n ** 40n + 999n, ...refOf(channel), 1n]);
      expect(await said()).toEqual([null, null, null]);
    });

    test('marks no pin as gone for a deleted message that was none', async () => {
      const { channel, decided } = await oneMessage();
      await logs.projections.project(channel, [decided.delete(1)]);
      // A pin written before any mark would be: it is there, so there is no mark.
      await behind.write(
        `INSERT INTO ${scratch.parsed.keyspace}.pins (organization_id, channel_id, seq) VALUES (?, ?, 1) USING TIMESTAMP 1`,
        [channel.organizationId, channel.channelId],
      );
      const all = { after: 0, before: 10, limit: 10, backward: false };
      expect(await logs.projections.pins(channel, all)).toEqual([1]);
    });

    test('keeps columns and values that only a newer version knows', async () => {
      const { keyspace } = scratch.parsed;
      for (const log of ['messages', 'changes']) {
        const add = `ALTER TABLE ${keyspace}.${log} ADD IF NOT EXISTS translated text`;
        await behind.client.execute(add, [], { prepare: false });
      }
      const { channel, row, decided } = await oneMessage();
      const edit = decided.edit(1, content('edited'));
      await logs.changes.append({ channel, bucket: 0, expectedLast: null, rows: [edit] });
      for (const log of ['messages', 'changes']) {
        await behind.write(
          `UPDATE ${keyspace}.${log} SET translated = 'tõlge' WHERE ${bucket} AND seq = 1 AND send_key = ''`,
          refOf(channel),
        );
      }
      await logs.projections.project(channel, [edit]);
      await logs.projections.eraseEdits(channel, [1]);
      expect(await logs.messages.range(channel, 1, 9)).toEqual([
        { ...row, entry: { ...row.entry, projection: decided.projection(1) } },
      ]);
      expect(await logs.changes.range(channel, 1, 9)).toHaveLength(1);
      expect(await columns(channel, 1, 'translated')).toMatchObject({ translated: 'tõlge' });
      const changes = `SELECT translated FROM ${keyspace}.changes WHERE ${bucket} AND seq = 1 AND send_key = ''`;
      expect(await behind.read(changes, refOf(channel))).toMatchObject([{ translated: 'tõlge' }]);
    });
  });

  test('takes the largest batch an appender makes: 64 messages, 256 KB', async () => {
    const channel = freshChannel();
    const rows = Array.from({ length: 64 }, (_, i) =>
      messageRow(i + 1, { entry: { ...messageRow(1).entry, text: 'x'.repeat(4_096) } }),
    );
    expect(await append(channel, rows, null)).toEqual({ applied: true });
    expect(await logs.messages.range(channel, 1, 64)).toEqual(rows);
  });

  test('is never written by a batch that would break the log', async () => {
    const channel = freshChannel();
    const twice = messageRow(1);
    await expect(append(channel, [twice, { ...twice, seq: 2 }], null)).rejects.toThrow('a send key twice');
    await expect(append(channel, [messageRow(65)], null)).rejects.toThrow('another bucket');
    await expect(append(channel, [], null)).rejects.toThrow('at least one row');
    expect(await logs.messages.states([{ channel, bucket: 0 }])).toEqual([null]);
  });

  test('is appended to while its table gains a column', async () => {
    const channel = freshChannel();
    // The nodes learn of the column one after the other, and an append may fail in between: the log repeats it.
    const log = createLog({
      store: logs.messages,
      clock: systemClock,
      onAppended: () => undefined,
      logger: silentLogger,
    });
    const appended = Array.from({ length: 30 }, (_, i) => log.append(channel, messageSend(`message ${i}`)));
    await behind.client.execute(`ALTER TABLE ${table} ADD added_later text`, [], { prepare: false });
    const rows = (await Promise.all(appended)).map(({ row }) => row);
    rows.push((await log.append(channel, messageSend('after it'))).row);
    expect(await logs.messages.range(channel, 1, 64)).toEqual(rows);
    // What is refused answers with every column, the new one too.
    expect(await append(channel, [messageRow(13)], 12)).toMatchObject({
      applied: false,
      state: { last: 31 },
    });
    await log.close();
  });
});
