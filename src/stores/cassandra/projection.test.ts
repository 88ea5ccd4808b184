/** What only Cassandra can get wrong: projections beside appends, sealed logs, the size of a batch. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
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
  let logs: CassandraLogs;
  let behind: Session;

  beforeAll(async () => {
    await migrateCassandra({ url: scratch.url, logger: silentLogger });
    behind = await scratch.connect();
    // As a later schema step will: a column that is written after the append, by a timestamp of its own.
    await behind.client.execute(`ALTER TABLE ${table} ADD projected text`, [], { prepare: false });
    logs = await openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      bucketSize: 64,
      logger: silentLogger,
    });
  });
  afterAll(async () => {
    await logs?.close();
    await behind?.close();
    await scratch.drop();
  });

  const refOf = ({ organizationId, channelId }: ChannelKey) => [organizationId, channelId, 0];
  const append = (channel: ChannelKey, rows: ReturnType<typeof messageRow>[], expectedLast: number | null) =>
    logs.messages.append({ channel, bucket: 0, expectedLast, rows });
  const project = (channel: ChannelKey, seq: number, text: string, timestamp: number) =>
    behind.write(
      `UPDATE ${table} USING TIMESTAMP ? SET projected = ? WHERE ${bucket} AND seq = ? AND send_key = ''`,
      [BigInt(timestamp), text, ...refOf(channel), BigInt(seq)],
    );
  const projected = async (channel: ChannelKey, seq: number) =>
    (
      await behind.read(`SELECT projected FROM ${table} WHERE ${bucket} AND seq = ? AND send_key = ''`, [
        ...refOf(channel),
        BigInt(seq),
      ])
    )[0]?.projected;

  describe('with projections', () => {
    test('keeps what is projected onto an appended row, however small its timestamp', async () => {
      const channel = freshChannel();
      const row = messageRow(1);
      await append(channel, [row], null);
      await project(channel, 1, 'edited', 5);
      expect(await projected(channel, 1)).toBe('edited');
      expect(await logs.messages.range(channel, 1, 1)).toEqual([row]);
    });

    test('holds no message where a projection found no row', async () => {
      const channel = freshChannel();
      const rows = [messageRow(1), messageRow(2)];
      await append(channel, rows, null);
      await project(channel, 3, 'stray', 5);
      expect(await logs.messages.range(channel, 1, 10)).toEqual(rows);
      expect(await logs.messages.rows([{ channel, seq: 3 }])).toEqual([null]);
    });
  });

  describe('when its log is sealed', () => {
    const seal = async (channel: ChannelKey, last: number | null) => {
      const result = await behind.conditional([
        {
          query: `UPDATE ${table} SET last = -1, sealed_at = ?, sealed_to = ? WHERE ${bucket} IF last = ?`,
          params: [BigInt(last ?? 0), 'other', ...refOf(channel), last === null ? null : BigInt(last)],
        },
      ]);
      expect(result.wasApplied()).toBe(true);
    };

    test('refuses every late append and says so', async () => {
      const channel = freshChannel();
      const [first, late] = [messageRow(1), messageRow(2)];
      await append(channel, [first], null);
      await seal(channel, 1);
      expect(await append(channel, [late], 1)).toMatchObject({ applied: false, state: { last: -1 } });
      expect(await append(channel, [late], null)).toMatchObject({ applied: false, state: { last: -1 } });
      expect(await logs.messages.consult({ channel, bucket: 0 }, [first.sendKey])).toMatchObject({
        state: { last: -1 },
        sends: new Map([[first.sendKey, 1]]),
      });
      expect(await logs.messages.states([{ channel, bucket: 0 }])).toMatchObject([{ last: -1 }]);
      expect(await logs.messages.range(channel, 1, 10)).toEqual([first]);
    });

    test('before its first message, too', async () => {
      const channel = freshChannel();
      await seal(channel, null);
      expect(await append(channel, [messageRow(1)], null)).toMatchObject({
        applied: false,
        state: { last: -1 },
      });
      expect((await logs.messages.consult({ channel, bucket: 0 }, [])).state?.last).toBe(-1);
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
