/** Appends that may be saved while nobody waits for them any more: they are told of, or readers are told to look. */
import { describe, expect, test, vi } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { createLog } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import { freshChannel } from './log-store.contract.ts';
import { type ChannelKey, type LogRow, OutcomeUnknown, StoreUnreachable } from './port.ts';
import { FaultyStore } from './testing/faulty-store.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { messageSend } from './testing/sends.ts';

const SEND_MS = 60;
const unavailable = { code: 'UNAVAILABLE', retryable: true };

/** One replica whose append applies without an answer, and whose questions afterwards are answered by `consult`. */
function setUp(memory = new MemoryStore<MessageEntry>(8), sendMs = SEND_MS) {
  const store = new FaultyStore(memory, {}, Math.random);
  const told: LogRow<MessageEntry>[] = [];
  const uncertain = vi.fn<(channel: ChannelKey) => void>();
  const log = createLog<MessageEntry>({
    store,
    clock: systemClock,
    logger: silentLogger,
    limits: { sendMs },
    onAppended: (_, rows) => told.push(...rows),
    onUncertain: uncertain,
  });
  return { memory, store, told, uncertain, log };
}

describe('an append of unknown outcome', () => {
  test('that nobody waits for any more is uncertain, once, and its repeat elsewhere a duplicate', async () => {
    const { memory, store, told, uncertain, log } = setUp();
    const channel = freshChannel();
    await log.append(channel, messageSend('opens the channel'));
    store.faults = { ...store.faults, unheard: 1 };
    store.consult = () => Promise.reject(new StoreUnreachable('refused'));
    const sends = ['a', 'b', 'c'].map((text) => messageSend(text));
    const answers = sends.map((send) => log.append(channel, send));
    for (const answer of answers) await expect(answer).rejects.toMatchObject(unavailable);
    await vi.waitFor(() => expect(uncertain).toHaveBeenCalledExactlyOnceWith(channel));
    expect(told).toHaveLength(1);

    const other = setUp(memory);
    for (const send of sends) {
      expect(await other.log.append(channel, send)).toMatchObject({ isDuplicate: true });
    }
    expect(other.told).toEqual([]);
    await log.close();
    expect(uncertain).toHaveBeenCalledOnce();
  });

  test('that turns out in time is told of, and not uncertain', async () => {
    const { store, told, uncertain, log } = setUp(new MemoryStore(8), 5_000);
    const channel = freshChannel();
    await log.append(channel, messageSend('opens the channel'));
    store.faults = { ...store.faults, unheard: 1 };
    expect(await log.append(channel, messageSend('saved'))).toMatchObject({ isDuplicate: false });
    store.faults = { ...store.faults, unheard: 0, lost: 1 };
    const lost = log.append(channel, messageSend('lost'));
    setTimeout(() => {
      store.faults = { ...store.faults, lost: 0 };
    }, 10);
    await lost;
    await log.close();
    expect(told.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    expect(uncertain).not.toHaveBeenCalled();
  });

  test('that turns out after its sender gave up is told of without waiting for another send', async () => {
    const { store, told, uncertain, log } = setUp();
    const channel = freshChannel();
    await log.append(channel, messageSend('opens the channel'));
    store.faults = { ...store.faults, unheard: 1 };
    const answerable = Promise.withResolvers<void>();
    const consult = store.consult.bind(store);
    store.consult = async (...args) => {
      await answerable.promise;
      return consult(...args);
    };
    await expect(log.append(channel, messageSend('late'))).rejects.toMatchObject(unavailable);
    answerable.resolve();
    await vi.waitFor(() => expect(told.map(({ seq }) => seq)).toEqual([1, 2]));
    await log.close();
    expect(uncertain).not.toHaveBeenCalled();
  });

  test('that is saved and cannot be read is uncertain', async () => {
    const { store, told, uncertain, log } = setUp();
    const channel = freshChannel();
    await log.append(channel, messageSend('opens the channel'));
    store.faults = { ...store.faults, unheard: 1 };
    store.rows = () => Promise.reject(new StoreUnreachable('refused'));
    await expect(log.append(channel, messageSend('unreadable'))).rejects.toMatchObject(unavailable);
    await vi.waitFor(() => expect(uncertain).toHaveBeenCalledExactlyOnceWith(channel));
    expect(told).toHaveLength(1);
  });

  test('that the store called absent is uncertain when it is given up: it may be on its way', async () => {
    const { store, uncertain, log } = setUp();
    const channel = freshChannel();
    await log.append(channel, messageSend('opens the channel'));
    let appends = 0;
    store.append = () => {
      appends += 1;
      return Promise.reject(appends === 1 ? new OutcomeUnknown('lost') : new StoreUnreachable('refused'));
    };
    await expect(log.append(channel, messageSend('lost'))).rejects.toMatchObject(unavailable);
    await vi.waitFor(() => expect(uncertain).toHaveBeenCalledExactlyOnceWith(channel));
    expect(appends).toBeGreaterThan(1);
  });
});

test('a send that never came to the store is not uncertain', async () => {
  const { store, uncertain, log } = setUp();
  store.faults = { ...store.faults, refused: 1 };
  await expect(log.append(freshChannel(), messageSend('refused'))).rejects.toMatchObject(unavailable);
  await log.close();
  expect(uncertain).not.toHaveBeenCalled();
});

test('a listener that throws does no harm', async () => {
  const { store, uncertain, log } = setUp();
  const channel = freshChannel();
  uncertain.mockImplementation(() => {
    throw new Error('a mistake');
  });
  store.faults = { ...store.faults, lost: 1 };
  const consult = store.consult.bind(store);
  store.consult = () => Promise.reject(new StoreUnreachable('refused'));
  const send = messageSend('again');
  await expect(log.append(channel, send)).rejects.toMatchObject(unavailable);
  await vi.waitFor(() => expect(uncertain).toHaveBeenCalledOnce());
  store.faults = { ...store.faults, lost: 0 };
  store.consult = consult;
  expect(await log.append(channel, send)).toMatchObject({ isDuplicate: false, row: { seq: 1 } });
});
