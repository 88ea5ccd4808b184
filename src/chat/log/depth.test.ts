/** What a log of ten million messages costs to read, and what a send into it may ask for: counted in store reads. */
import { beforeEach, describe, expect, test } from 'vitest';
import { uuidv7 } from '../ids.ts';
import { silentLogger } from '../logger.ts';
import { createLog } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import type { Log } from './log.ts';
import { messageSearchBack } from './search-back.ts';
import { type EndlessStore, endlessStore } from './testing/endless-store.ts';
import { messageSend } from './testing/sends.ts';

const HEAD = 10_000_000;
const NOW = 1_800_000_000_000;
const YEAR = 365 * 24 * 60 * 60_000;
/** Two messages a minute: ten million are nine and a half years, a bucket is a day and a half. */
const EVERY_MS = 30_000;
const channel = { organizationId: 'organization', channelId: 'channel' };

let store: EndlessStore;
let log: Log<MessageEntry>;
beforeEach(() => {
  store = endlessStore(HEAD, EVERY_MS, NOW - 60_000);
  log = createLog({ store, clock: { now: () => NOW }, logger: silentLogger, onAppended: () => undefined });
});

const readsMade = (): number => Object.values(store.calls).reduce((sum, n) => sum + n, 0);

describe('ten million messages deep', () => {
  test('the head is two reads away, however long the channel has been silent', async () => {
    expect(await log.heads([channel])).toEqual([HEAD]);
    expect(store.calls).toEqual({ tailHints: 1, states: 1 });
  });

  test('a number is one read away, and so is a page around it', async () => {
    const seq = 4_999_999;
    expect((await log.rows([{ channel, seq }]))[0]).toMatchObject({ seq, entry: { text: `${seq}` } });
    expect(readsMade()).toBe(1);
    expect(await log.range(channel, seq - 24, seq + 25)).toHaveLength(50);
    expect(readsMade()).toBe(2);
  });

  test('a date is at most 25 reads away, wherever it lies', async () => {
    const seqs = [1, 2, 4_095, 4_096, 4_097, 3_333_333, HEAD - 1, HEAD];
    const dates = seqs.flatMap((seq) => [store.at(seq) - 1, store.at(seq), store.at(seq) + 1]);
    for (const date of [...dates, 0, NOW + YEAR]) {
      store.calls = {};
      const found = await log.lastBefore(channel, date);
      const exact = Math.min(HEAD, Math.max(0, Math.ceil((date - store.at(0)) / EVERY_MS) - 1));
      expect(found).toBe(exact);
      expect(readsMade()).toBeLessThanOrEqual(25);
    }
  });
});

describe('a send into ten million messages', () => {
  /** What becomes of it without an append ever being taken: refused for how far back it asks, or let through. */
  const outcome = async (clientMessageId: string, basis: number | null): Promise<unknown> => {
    const searchBack = messageSearchBack(clientMessageId, basis, NOW);
    return log
      .append(channel, messageSend('x', { clientMessageId, searchBack }))
      .catch((error: Error) => Reflect.get(error, 'code') ?? error.message);
  };
  const letThrough = 'this store takes no append';

  test('with basis 0 is a conflict, told without looking for it', async () => {
    expect(await outcome(uuidv7(NOW), 0)).toBe('CONFLICT');
    expect(store.calls).toEqual({ tailHints: 1, states: 1 });
  });

  test('with a basis as far back as is searched is searched, and with one further is a conflict', async () => {
    const newest = Math.floor(HEAD / 4_096);
    expect(await outcome(uuidv7(NOW), (newest - 64) * 4_096)).toBe(letThrough);
    expect(store.calls.consult).toBeGreaterThanOrEqual(64);
    expect(await outcome(uuidv7(NOW), (newest - 64) * 4_096 - 1)).toBe('CONFLICT');
  });

  test('with a basis above the head looks one bucket back, as with none', async () => {
    expect(await outcome(uuidv7(NOW), HEAD + 1)).toBe(letThrough);
    expect(await outcome(uuidv7(NOW), Number.MAX_SAFE_INTEGER)).toBe(letThrough);
    expect(store.calls.consult).toBeLessThanOrEqual(6);
  });

  test('from a clock a year behind is a conflict: it could be a repeat of long ago', async () => {
    expect(await outcome(uuidv7(NOW - YEAR), null)).toBe('CONFLICT');
    // Only the ends of the buckets that would be searched were read.
    expect(store.calls.consult).toBeUndefined();
    expect(readsMade()).toBeLessThanOrEqual(12);
  });

  test('from a clock a year behind is let through where a year is not far', async () => {
    store = endlessStore(HEAD, 10 * 60_000, NOW);
    log = createLog({ store, clock: { now: () => NOW }, logger: silentLogger, onAppended: () => undefined });
    expect(await outcome(uuidv7(NOW - YEAR), null)).toBe(letThrough);
    expect(store.calls.consult).toBeGreaterThan(10);
  });

  test('from a clock a year ahead looks one bucket back, as with no clock at all', async () => {
    expect(await outcome(uuidv7(NOW + YEAR), null)).toBe(letThrough);
    expect(store.calls.consult).toBeLessThanOrEqual(3);
  });

  test('from a right clock reads nothing more', async () => {
    expect(await outcome(uuidv7(NOW), null)).toBe(letThrough);
    expect(store.calls.states).toBeLessThanOrEqual(2);
  });
});
