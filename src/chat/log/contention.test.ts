/** Replicas that meet in a channel and cannot speak to each other take turns. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { Contention } from './contention.ts';
import { createLog } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import { freshChannel } from './log-store.contract.ts';
import { CountingStore } from './testing/counting-store.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { messageSend } from './testing/sends.ts';

describe('whoever keeps winning', () => {
  const win = (contention: Contention, times: number) => {
    for (let i = 0; i < times; i++) contention.won(10);
  };
  test('leaves a gap after eight appends in a row: three appends long', () => {
    const contention = new Contention();
    win(contention, 7);
    expect(contention.dueGapMs()).toBe(0);
    win(contention, 1);
    expect(contention.dueGapMs()).toBe(30);
    expect(contention.dueGapMs()).toBe(0);
  });

  test('leaves no gap when it lost or rested meanwhile', () => {
    const contention = new Contention();
    win(contention, 7);
    contention.lost();
    win(contention, 7);
    expect(contention.dueGapMs()).toBe(0);
    contention.rested();
    win(contention, 7);
    expect(contention.dueGapMs()).toBe(0);
  });

  test('leaves a gap of half a second at most', () => {
    const contention = new Contention();
    for (let i = 0; i < 8; i++) contention.won(60_000);
    expect(contention.dueGapMs()).toBe(500);
  });
});

test('a channel counts as shared for a while after a meeting', () => {
  vi.useFakeTimers();
  const contention = new Contention();
  expect(contention.isShared).toBe(false);
  contention.met();
  expect(contention.isShared).toBe(true);
  vi.advanceTimersByTime(31_000);
  expect(contention.isShared).toBe(false);
  vi.useRealTimers();
});

describe('a replica', () => {
  const setUp = (isDeaf: boolean) => {
    const memory = new MemoryStore<MessageEntry>(4_096);
    const channel = freshChannel();
    const replica = () => {
      const store = new CountingStore(memory);
      const log = createLog<MessageEntry>({
        store,
        clock: systemClock,
        logger: silentLogger,
        appointed: { forward: () => null, isDeaf: () => isDeaf },
        onAppended: () => undefined,
      });
      return { store, log };
    };
    return { memory, channel, replica };
  };

  test('that loses again looks where the log ends before it tries once more', async () => {
    const { memory, channel, replica } = setUp(true);
    const [loser, other] = [replica(), replica()];
    await loser.log.append(channel, messageSend('1'));
    // Another replica is first three times.
    const append = loser.store.append.bind(loser.store);
    let losses = 3;
    loser.store.append = async (batch) => {
      if (losses-- > 0) await other.log.append(channel, messageSend('first'));
      return append(batch);
    };
    loser.store.calls = {};
    expect((await loser.log.append(channel, messageSend('5'))).row.seq).toBe(5);
    expect(loser.store.calls).toEqual({ append: 4, states: 2 });
    expect(await memory.range(channel, 1, 10)).toHaveLength(5);
  });

  test.each([
    ['leaves gaps while it cannot hear the others', true],
    ['leaves none while it can', false],
  ])('%s', async (_, isDeaf) => {
    const { channel, replica } = setUp(isDeaf);
    const { log, store } = replica();
    const gaps = vi.spyOn(Contention.prototype, 'leaveGap');
    const append = store.append.bind(store);
    store.append = async (batch) => {
      await sleep(1);
      return append(batch);
    };
    const write = async () => {
      for (let i = 0; i < 10; i++) await log.append(channel, messageSend(`${i}`));
    };
    const writing = Promise.all([write(), sleep(0).then(write)]);
    await writing;
    expect(gaps.mock.calls.length > 0).toBe(isDeaf);
    gaps.mockRestore();
  });
});
