import { afterEach, expect, test, vi } from 'vitest';
import { within } from './wait.ts';

afterEach(() => vi.useRealTimers());

const LONG_MS = 60_000;
const never = new Promise<void>(() => undefined);

test('what settles in time is told as it is', async () => {
  const { signal } = new AbortController();
  expect(await within(LONG_MS, Promise.resolve(), signal)).toBe(true);
  await expect(within(LONG_MS, Promise.reject(new Error('no')), signal)).rejects.toThrow('no');
});

test('nobody waits longer than is said, nor after an abort, nor where there was one before', async () => {
  expect(await within(1, never, new AbortController().signal)).toBe(false);
  const ending = new AbortController();
  const waiting = within(LONG_MS, never, ending.signal);
  ending.abort();
  expect(await waiting).toBe(false);
  expect(await within(LONG_MS, never, ending.signal)).toBe(false);
});

test('a rejection that comes too late is nobody’s', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  expect(await within(1, promise, new AbortController().signal)).toBe(false);
  reject(new Error('late'));
  await new Promise(setImmediate);
});

test('nothing is left behind: no listener, no timer', async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    listeners += 1;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...args);
  };
  vi.useFakeTimers();
  await within(LONG_MS, Promise.resolve(), signal);
  await within(LONG_MS, Promise.reject(new Error('no')), signal).catch(() => undefined);
  expect(vi.getTimerCount()).toBe(0);
  const waiting = within(1, never, signal);
  expect([listeners, vi.getTimerCount()]).toEqual([1, 1]);
  await vi.advanceTimersByTimeAsync(1);
  expect(await waiting).toBe(false);
  expect([listeners, vi.getTimerCount()]).toEqual([0, 0]);
});
