/** Several who were answered together send again together; nobody waits for those who do not. */
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { createLog } from './create-log.ts';
import type { MessageEntry } from './entries.ts';
import { freshChannel } from './log-store.contract.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { messageSend } from './testing/sends.ts';

/** Longer than any test: whoever waits for its end never ends. */
const FOR_EVER_MS = 1_000_000;

const setUp = (gatherMs: number, batchRows = 64) => {
  const store = new MemoryStore<MessageEntry>(64);
  const append = store.append.bind(store);
  const sizes: number[] = [];
  store.append = (batch) => {
    sizes.push(batch.rows.length);
    return append(batch);
  };
  const log = createLog<MessageEntry>({
    store,
    clock: systemClock,
    logger: silentLogger,
    onAppended: () => undefined,
    limits: { gatherMs, batchRows },
  });
  const channel = freshChannel();
  /** `count` sends in one tick. */
  const send = (count: number) =>
    Promise.all(Array.from({ length: count }, (_, i) => log.append(channel, messageSend(`${i}`))));
  return { sizes, send };
};

const turns = async (count: number) => {
  for (let i = 0; i < count; i++) await turnOfTheLoop();
};

test('those who were answered together, and come back one after the other, go together again', async () => {
  const { sizes, send } = setUp(FOR_EVER_MS);
  await send(4);
  await Promise.all(
    [1, 3, 6, 10].map(async (later) => {
      await turns(later);
      await send(1);
    }),
  );
  expect(sizes).toEqual([4, 4]);
});

test('whoever came meanwhile is waited for as well', async () => {
  const { sizes, send } = setUp(FOR_EVER_MS, 3);
  // Of five, three fit; two are there already when those are answered, and one more makes a batch.
  const first = send(5);
  await turns(5);
  await send(1);
  await first;
  expect(sizes).toEqual([3, 3]);
});

test('those who do not come back are not waited for', async () => {
  const { sizes, send } = setUp(1);
  await send(4);
  await send(1);
  expect(sizes).toEqual([4, 1]);
});

test('a lone sender waits for nobody', async () => {
  const { sizes, send } = setUp(FOR_EVER_MS);
  for (let i = 0; i < 3; i++) await send(1);
  expect(sizes).toEqual([1, 1, 1]);
});
