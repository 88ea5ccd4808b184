/** Promises 1 to 3 on one node that is killed: what was acknowledged is there, once, without a gap. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { systemClock } from '../../chat/clock.ts';
import { createLog } from '../../chat/log/create-log.ts';
import { type MessageEntry, messageSendKey } from '../../chat/log/entries.ts';
import type { Log, Send } from '../../chat/log/log.ts';
import { freshChannel } from '../../chat/log/log-store.contract.ts';
import type { ChannelKey, LogRow } from '../../chat/log/port.ts';
import { silentLogger } from '../../chat/logger.ts';
import { migrateCassandra } from './migrate.ts';
import { type CassandraLogs, openCassandraLogs } from './open.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';
import { cassandraService } from './testing/service.ts';

const SENDS = 1_500;
const WRITERS = 32;
const KILL_AFTER = 500;

const sends = Array.from({ length: SENDS }, (_, i): Send<MessageEntry> => {
  const [authorId, clientMessageId] = [`author-${i % 7}`, `message-${i}`];
  return {
    sendKey: messageSendKey(authorId, clientMessageId),
    entry: { authorId, clientMessageId, text: `text ${i}`, metadata: null, mentions: [] },
    bytes: 100,
    // From the beginning of the channel: a repeat must find its first copy however many buckets ago that was.
    searchBack: { basis: 0 },
  };
});

/** Sends all from `WRITERS` writers, each one after the other; failed sends are left out of the answer. */
async function sendAll(
  log: Log<MessageEntry>,
  channel: ChannelKey,
  onSaved: (saved: number) => void = () => undefined,
): Promise<Map<string, number>> {
  const saved = new Map<string, number>();
  const rest = sends.values();
  const writer = async (): Promise<void> => {
    for (const send of rest) {
      try {
        const { row } = await log.append(channel, send);
        saved.set(send.sendKey, row.seq);
        onSaved(saved.size);
      } catch (error) {
        expect(error).toMatchObject({ name: 'ChatError', code: 'UNAVAILABLE' });
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, writer));
  return saved;
}

async function readAll(
  log: Log<MessageEntry>,
  channel: ChannelKey,
): Promise<readonly LogRow<MessageEntry>[]> {
  const [head = 0] = await log.heads([channel]);
  const pages: (readonly LogRow<MessageEntry>[])[] = [];
  for (let from = 1; from <= head; from += 1_000) {
    pages.push(await log.range(channel, from, Math.min(from + 999, head)));
  }
  return pages.flat();
}

await describeWith(['cassandra'], 'kill -9 of Cassandra in the middle of 1,500 sends', () => {
  const scratch = scratchKeyspace();
  let store: CassandraLogs;

  const openLog = async (): Promise<Log<MessageEntry>> => {
    store = await openCassandraLogs({
      url: scratch.url,
      allowPeriodicCommitlog: false,
      bucketSize: 256,
      logger: silentLogger,
    });
    return createLog({
      store: store.messages,
      clock: systemClock,
      onAppended: () => undefined,
      logger: silentLogger,
    });
  };

  beforeAll(() => migrateCassandra({ url: scratch.url, logger: silentLogger }));
  afterAll(async () => {
    await store?.close();
    await cassandraService('start');
    await scratch.drop();
  });

  test('loses nothing that was acknowledged, and repeating every send makes exactly 1,500 messages', async () => {
    const channel = freshChannel();
    const before = await openLog();

    let restarted: Promise<void> | null = null;
    let savedWhenDead = SENDS;
    let latest = 0;
    const saved = await sendAll(before, channel, (count) => {
      latest = count;
      if (count < KILL_AFTER) return;
      restarted ??= cassandraService('kill').then(() => {
        savedWhenDead = latest;
        return cassandraService('start');
      });
    });
    await restarted;
    // It died in the middle, or this has shown nothing.
    expect(savedWhenDead).toBeLessThan(SENDS);
    await before.close();
    await store.close();

    // As after a restart of everything: nothing is remembered but what Cassandra has.
    const after = await openLog();
    const rows = await readAll(after, channel);
    expect(rows.length).toBeGreaterThanOrEqual(saved.size);
    expect(rows.map((row) => row.seq)).toEqual(rows.map((_, i) => i + 1));
    expect(new Set(rows.map((row) => row.sendKey)).size).toBe(rows.length);
    for (const [sendKey, seq] of saved) expect(rows[seq - 1]?.sendKey).toBe(sendKey);

    const repeated = await sendAll(after, channel);
    expect(repeated.size).toBe(SENDS);
    for (const [sendKey, seq] of saved) expect(repeated.get(sendKey)).toBe(seq);

    const all = await readAll(after, channel);
    expect(all.map((row) => row.seq)).toEqual(sends.map((_, i) => i + 1));
    expect(all.map((row) => row.sendKey).toSorted()).toEqual(sends.map((send) => send.sendKey).toSorted());
    expect(new Set(repeated.values()).size).toBe(SENDS);
    await after.close();
  });
});
