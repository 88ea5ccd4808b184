/** Appending over the real log and a store that fails as real ones do, alone and with a rival that imports the same. */
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../chat/clock.ts';
import { createLog } from '../../chat/log/create-log.ts';
import type { MessageEntry } from '../../chat/log/entries.ts';
import type { Log } from '../../chat/log/log.ts';
import { type Faults, FaultyStore } from '../../chat/log/testing/faulty-store.ts';
import { MemoryStore } from '../../chat/log/testing/memory-store.ts';
import { seeded } from '../../chat/log/testing/seeded.ts';
import { silentLogger } from '../../chat/logger.ts';
import { bringUp, runOn, testChannel, upTo } from './testing/plain-run.ts';

const COUNT = 400;

const logOver = (
  store: MemoryStore<MessageEntry>,
  faults: Partial<Faults>,
  seed: number,
): Log<MessageEntry> =>
  createLog({
    store: new FaultyStore(store, faults, seeded(seed)),
    clock: systemClock,
    onAppended: () => undefined,
    logger: silentLogger,
  });

async function saved(store: MemoryStore<MessageEntry>): Promise<readonly string[]> {
  const rows = await logOver(store, {}, 0).range(testChannel, 1, 1_000);
  return rows.map((row) => row.entry.text);
}

describe('appending a channel to a store that fails', () => {
  test.each([1, 2, 3])('unknown outcomes cost neither a message nor the order (seed %i)', async (seed) => {
    const store = new MemoryStore<MessageEntry>(16);
    const log = logOver(store, { lost: 0.1, unheard: 0.1, late: 0.1, wrongHint: 0.2, latencyMs: 3 }, seed);
    await bringUp(runOn(log), COUNT);
    expect(await saved(store)).toEqual(upTo(COUNT));
  });

  test.each([4, 5, 6])('two imports of the same at once make one, in order (seed %i)', async (seed) => {
    const store = new MemoryStore<MessageEntry>(16);
    const faults = { unheard: 0.05, latencyMs: 3 };
    await Promise.all([seed, seed + 100].map((s) => bringUp(runOn(logOver(store, faults, s)), COUNT)));
    expect(await saved(store)).toEqual(upTo(COUNT));
  });

  test.each([7, 8])('a store that refuses now and then costs no message (seed %i)', async (seed) => {
    const store = new MemoryStore<MessageEntry>(16);
    const log = logOver(store, { refused: 0.1, unheard: 0.1, latencyMs: 2 }, seed);
    await bringUp(runOn(log), COUNT);
    expect((await saved(store)).toSorted()).toEqual(upTo(COUNT).toSorted());
  });
});
