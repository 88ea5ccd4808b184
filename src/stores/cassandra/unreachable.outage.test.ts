/** What the adapter says, and how soon, while Cassandra hangs, dies and comes back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import type { MessageEntry } from '../../chat/log/entries.ts';
import { freshChannel, messageRow } from '../../chat/log/log-store.contract.ts';
import type { AppendBatch, ChannelKey, LogStore } from '../../chat/log/port.ts';
import { OutcomeUnknown, StoreUnreachable } from '../../chat/log/port.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from './migrate.ts';
import { type CassandraLogs, openCassandraLogs } from './open.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';
import { cassandraService } from './testing/service.ts';

const batch = (channel: ChannelKey, seq: number): AppendBatch<MessageEntry> => ({
  channel,
  bucket: 0,
  expectedLast: seq === 1 ? null : seq - 1,
  rows: [messageRow(seq)],
});

/** Every read, and the hint, which is as harmless. */
const harmless = (store: LogStore<unknown>, channel: ChannelKey): (() => Promise<unknown>)[] => [
  () => store.consult({ channel, bucket: 0 }, ['a/1']),
  () => store.states([{ channel, bucket: 0 }]),
  () => store.tailHints([channel]),
  () => store.hintTail({ channel, bucket: 0 }),
  () => store.range(channel, 1, 10),
  () => store.rows([{ channel, seq: 1 }]),
];

await describeWith(['cassandra'], 'A Cassandra that goes away', () => {
  const scratch = scratchKeyspace();
  let logs: CassandraLogs;
  let store: LogStore<MessageEntry>;

  beforeAll(async () => {
    await migrateCassandra({ url: scratch.url, logger: silentLogger });
    logs = await openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      logger: silentLogger,
      deadlineMs: 2_000,
    });
    store = logs.messages;
  });
  afterAll(async () => {
    await logs?.close();
    await cassandraService('start');
    await scratch.drop();
  });

  test('frozen: an append’s outcome is unknown, a read failed, each in its time; then all goes on', async () => {
    const channel = freshChannel();
    expect(await store.append(batch(channel, 1))).toEqual({ applied: true });
    for (const read of harmless(store, channel)) await read();

    await cassandraService('pause');
    try {
      const calls = [
        ...harmless(store, channel).map((read) => expect(read()).rejects.toBeInstanceOf(StoreUnreachable)),
        expect(store.append(batch(channel, 2))).rejects.toBeInstanceOf(OutcomeUnknown),
        expect(logs.ping()).rejects.toThrow(),
      ];
      await Promise.all(calls);
    } finally {
      await cassandraService('resume');
    }

    // It may have been done after all, and may still be after it was asked: the condition of the next append finds
    // out, once, and then nothing is left that could come between.
    const { state } = await store.consult({ channel, bucket: 0 }, []);
    expect([1, 2]).toContain(state?.last);
    const next = (state?.last ?? 0) + 1;
    const outcome = await store.append(batch(channel, next));
    if (!outcome.applied) {
      expect({ next, last: outcome.state?.last }).toEqual({ next: 2, last: 2 });
      expect(await store.append(batch(channel, 3))).toEqual({ applied: true });
    }
  });

  test('killed: what was under way is unknown, what comes later certainly not done; back: as if nothing was', async () => {
    const channel = freshChannel();
    expect(await store.append(batch(channel, 1))).toEqual({ applied: true });

    await cassandraService('pause');
    const underWay = store.append(batch(channel, 2)).catch((error: unknown) => error);
    await cassandraService('kill');
    expect(await underWay).toBeInstanceOf(OutcomeUnknown);

    // Once the driver has noticed that nothing is left, no request leaves at all.
    await expect
      .poll(() => store.append(batch(channel, 2)).catch((error: unknown) => error), { timeout: 10_000 })
      .toBeInstanceOf(StoreUnreachable);
    for (const read of harmless(store, channel))
      await expect(read()).rejects.toBeInstanceOf(StoreUnreachable);

    // Nothing is begun that waits for a server to come up: it says what it could not reach.
    await expect(
      openCassandraLogs({
        url: scratch.url,
        allowPeriodicCommitlog: false,
        logger: silentLogger,
        waitMs: 1_000,
      }),
    ).rejects.toThrow('Could not reach Cassandra');

    // One that waits long enough is there when it comes.
    const waiting = openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      logger: silentLogger,
    });
    await cassandraService('start');
    await (await waiting).close();

    await expect
      .poll(
        () =>
          logs.ping().then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 15_000 },
      )
      .toBe('up');
    const { state } = await store.consult({ channel, bucket: 0 }, []);
    expect(await store.append(batch(channel, (state?.last ?? 0) + 1))).toEqual({ applied: true });
    const rows = await store.range(channel, 1, 10);
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_, i) => i + 1));
  });
});
