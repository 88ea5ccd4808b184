import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ThreadTicks } from './thread-ticks.ts';

const channel = { organizationId: 'o', channelId: 'c' };
const tell = vi.fn();
let ticks: ThreadTicks;
beforeEach(() => {
  vi.useFakeTimers();
  tell.mockClear();
  ticks = new ThreadTicks({ everyMs: 1_000, most: 3, tell });
});
afterEach(() => {
  ticks.close();
  vi.useRealTimers();
});
const told = (): readonly unknown[] => tell.mock.calls.map(([, rootSeq]) => rootSeq);

test('tells at once, then once a second while it moves, the last time always', () => {
  for (let ms = 0; ms < 2_500; ms += 100) {
    ticks.moved(channel, 7);
    vi.advanceTimersByTime(100);
  }
  expect(told()).toEqual([7, 7, 7]);
  vi.advanceTimersByTime(1_000);
  expect(told()).toEqual([7, 7, 7, 7]);
  vi.advanceTimersByTime(10_000);
  expect(told()).toHaveLength(4);
  expect(ticks.size).toBe(0);
});

test('roots do not wait for each other, nor channels, nor organizations', () => {
  ticks.moved(channel, 1);
  ticks.moved({ ...channel, channelId: 'd' }, 1);
  ticks.moved({ ...channel, organizationId: 'p' }, 1);
  expect(told()).toEqual([1, 1, 1]);
});

test('keeps so many and no more: the oldest is told early, and none is lost', () => {
  for (let rootSeq = 1; rootSeq <= 3; rootSeq += 1) ticks.moved(channel, rootSeq);
  ticks.moved(channel, 1);
  ticks.moved(channel, 4);
  expect(ticks.size).toBe(3);
  expect(told()).toEqual([1, 2, 3, 1, 4]);
  vi.advanceTimersByTime(5_000);
  expect(told()).toEqual([1, 2, 3, 1, 4]);
});

test('tells nothing once closed, and keeps no timer', () => {
  ticks.moved(channel, 1);
  ticks.moved(channel, 1);
  ticks.close();
  ticks.moved(channel, 2);
  vi.advanceTimersByTime(5_000);
  expect(told()).toEqual([1]);
  expect(vi.getTimerCount()).toBe(0);
});
