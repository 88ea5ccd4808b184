import { describe, expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { createLog } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import { freshChannel, messageRow } from './log-store.contract.ts';
import { CountingStore } from './testing/counting-store.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { messageSend } from './testing/sends.ts';
import { WrittenKeys, WrittenKeysBound } from './written-keys.ts';

const SIZE = 200;
const keyAt = (bucket: number, place: number): string => `ada/${bucket}-${place}`;
const rowsOf = (bucket: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) =>
    messageRow(bucket * SIZE + 1 + from + i, { sendKey: keyAt(bucket, from + i) }),
  );

const setUp = (most = 1_000_000) => {
  const bound = new WrittenKeysBound(most);
  return { bound, keys: new WrittenKeys(SIZE, bound) };
};

describe('what is known of buckets written from here', () => {
  test('every key that is in a bucket makes it one to read, and others do not', () => {
    const { keys } = setUp();
    for (let from = 0; from < SIZE; from += 50) keys.wrote(0, rowsOf(0, from, from + 50));
    keys.wrote(1, rowsOf(1, 0, SIZE));
    for (let place = 0; place < SIZE; place++) {
      expect(keys.firstToRead(keyAt(0, place), 0, 2)).toBe(0);
      expect(keys.firstToRead(keyAt(1, place), 0, 2)).toBe(1);
      expect(keys.firstToRead(`somebody/${place}`, 0, 2)).toBe(2);
    }
  });

  test('says nothing of a bucket that is not full', () => {
    const { keys } = setUp();
    keys.wrote(0, rowsOf(0, 0, SIZE - 1));
    expect(keys.firstToRead('another', 0, 1)).toBe(0);
  });

  test('says nothing of a bucket of which a part came from elsewhere', () => {
    const { bound, keys } = setUp();
    keys.wrote(0, rowsOf(0, 0, 50));
    keys.wrote(0, rowsOf(0, 60, SIZE));
    keys.wrote(1, rowsOf(1, 10, SIZE));
    expect(bound.room).toBe(0);
    expect(keys.firstToRead('another', 0, 2)).toBe(0);
    expect(keys.firstToRead('another', 1, 2)).toBe(1);
  });

  test('passes over no bucket that lies behind one to be read', () => {
    const { keys } = setUp();
    keys.wrote(0, rowsOf(0, 0, SIZE));
    keys.wrote(2, rowsOf(2, 0, SIZE));
    expect(keys.firstToRead('another', 0, 3)).toBe(1);
    expect(keys.firstToRead('another', 2, 3)).toBe(3);
  });

  test('forgets all, and gives the room back', () => {
    const { bound, keys } = setUp();
    keys.wrote(0, rowsOf(0, 0, SIZE));
    expect(bound.room).toBeGreaterThan(SIZE);
    keys.forget();
    expect([bound.room, keys.firstToRead('another', 0, 1)]).toEqual([0, 0]);
  });

  test('keeps no more than it may of all channels, and the newest of it', () => {
    const bound = new WrittenKeysBound(4_000);
    const channels = Array.from({ length: 20 }, () => new WrittenKeys(SIZE, bound));
    for (const channel of channels) {
      channel.wrote(0, rowsOf(0, 0, SIZE));
      expect(bound.room).toBeLessThanOrEqual(4_000);
    }
    const known = channels.map((channel) => channel.firstToRead('another', 0, 1) === 1);
    expect([known[0], known.at(-1)]).toEqual([false, true]);
    for (const channel of channels) channel.forget();
    expect(bound.room).toBe(0);
  });
});

test('sends into a channel that is written from here alone read nothing, however far back their ids reach', async () => {
  const store = new CountingStore(new MemoryStore<MessageEntry>(16));
  const log = createLog<MessageEntry>({
    store,
    clock: systemClock,
    logger: silentLogger,
    onAppended: () => undefined,
  });
  const channel = freshChannel();
  const since = Date.now() - 600_000;
  const sends = Array.from({ length: 100 }, (_, i) => messageSend(`${i}`, { searchBack: { since } }));
  for (const send of sends) await log.append(channel, send);
  expect(store.calls.consult).toBeUndefined();

  // A repeat is found, and what is restored from a backup is looked at anew.
  const again = await log.append(channel, sends[3] ?? messageSend('none'));
  expect([again.row.seq, again.isDuplicate]).toEqual([4, true]);
  store.calls = {};
  log.forgetHeads();
  await log.append(channel, messageSend('new', { searchBack: { since } }));
  expect(store.calls.consult).toBe(6);
  await log.close();
});
