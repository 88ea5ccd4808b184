import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PingWheel } from './ping-wheel.ts';

const TURN_MS = 16_000;

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('pings each once a turn, first a whole turn after it came, and nobody who has left', () => {
  const wheel = new PingWheel(TURN_MS);
  const [early, late, gone] = [vi.fn(), vi.fn(), vi.fn()];
  wheel.join({ ping: early });
  const leave = wheel.join({ ping: gone });
  vi.advanceTimersByTime(TURN_MS / 2);
  wheel.join({ ping: late });
  leave();
  vi.advanceTimersByTime(TURN_MS / 2 - 1);
  expect(early).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(early).toHaveBeenCalledTimes(1);
  expect(late).not.toHaveBeenCalled();
  vi.advanceTimersByTime(TURN_MS / 2);
  expect(late).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(3 * TURN_MS);
  expect([early, late, gone].map((ping) => ping.mock.calls.length)).toEqual([4, 4, 0]);
  wheel.close();
});

test('has one timer, however many there are, and none once it is closed', () => {
  const wheel = new PingWheel(TURN_MS);
  const ping = vi.fn();
  for (let i = 0; i < 1_000; i += 1) wheel.join({ ping });
  expect(vi.getTimerCount()).toBe(1);
  wheel.close();
  expect(vi.getTimerCount()).toBe(0);
});
