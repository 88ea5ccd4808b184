import { expect, test } from 'vitest';
import { systemClock } from '../clock.ts';
import { silentLogger } from '../logger.ts';
import { appendLimits } from './append-limits.ts';
import type { MessageEntry } from './entries.ts';
import { MemoryStore } from './testing/memory-store.ts';
import { messageSend } from './testing/sends.ts';
import { WaitingSends } from './waiting-sends.ts';
import { WrittenKeysBound } from './written-keys.ts';

const setUp = () => {
  const context = {
    store: new MemoryStore<MessageEntry>(8),
    clock: systemClock,
    logger: silentLogger,
    limits: appendLimits,
    writtenKeys: new WrittenKeysBound(appendLimits.writtenKeys),
    deadlines: { add: () => undefined, delete: () => undefined },
    waitingBytes: 0,
    deciding: null,
    appointed: null,
    onAppended: () => undefined,
    onUncertain: () => undefined,
    hintTail: () => undefined,
  };
  const waiting = new WaitingSends<MessageEntry>(context, () => undefined);
  return { context, waiting, keys: () => [...waiting].map(({ send }) => send.sendKey) };
};

test('bytes are counted while their send waits', async () => {
  const { context, waiting } = setUp();
  const answers = [
    { ...messageSend('a'), bytes: 30 },
    { ...messageSend('b'), bytes: 12 },
  ].map((send) => waiting.add(send, false));
  expect(context.waitingBytes).toBe(42);
  waiting.rejectAll(new Error('no more'));
  await Promise.all(answers.map((answer) => expect(answer).rejects.toThrow('no more')));
  expect([context.waitingBytes, waiting.size]).toEqual([0, 0]);
});

test('a send that repeats a waiting one joins it; one whose first has its answer waits on its own', async () => {
  const { waiting, keys } = setUp();
  const [a, b] = [messageSend('a'), messageSend('b')];
  const answers = [waiting.add(a, false), waiting.add(b, false), waiting.add(a, true)];
  expect(keys()).toEqual([a.sendKey, b.sendKey]);
  const [first] = [...waiting];
  first?.reject(new Error('given up'));
  await expect(answers[0]).rejects.toThrow('given up');
  await expect(answers[2]).rejects.toThrow('given up');
  const again = waiting.add(a, false);
  expect(keys()).toEqual([b.sendKey, a.sendKey]);
  waiting.rejectAll(new Error('no more'));
  await Promise.allSettled([again, answers[1]]);
  expect(waiting.size).toBe(0);
});
