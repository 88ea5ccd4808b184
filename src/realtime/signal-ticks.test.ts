import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Signal } from '../chat/live/port.ts';
import { SignalTicks } from './signal-ticks.ts';

const key = (channelId: string) => ({ organizationId: 'o', channelId });
const signal = (over: Partial<Signal> = {}): Signal => ({
  userId: 'ada',
  name: 'cursor',
  payload: null,
  key: 'k',
  sentAt: Date.now(),
  ...over,
});

let told: string[];
let ticks: SignalTicks;

beforeEach(() => {
  vi.useFakeTimers();
  told = [];
  ticks = new SignalTicks({
    everyMs: 50,
    channels: 3,
    keys: 4,
    keyless: 5,
    tell: ({ channelId }, { userId, key: of, name }) => told.push(`${channelId} ${userId} ${of} ${name}`),
  });
});
afterEach(() => {
  ticks.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('with a key', () => {
  test('the first goes on at once, then the newest of each tick', () => {
    for (const name of ['1', '2', '3']) expect(ticks.offer(key('c'), signal({ name }))).toBe(true);
    expect(told).toEqual(['c ada k 1']);
    vi.advanceTimersByTime(50);
    expect(told).toEqual(['c ada k 1', 'c ada k 3']);
    ticks.offer(key('c'), signal({ name: '4' }));
    vi.advanceTimersByTime(500);
    expect(told).toEqual(['c ada k 1', 'c ada k 3', 'c ada k 4']);
    expect(ticks.size).toBe(0);
    ticks.offer(key('c'), signal({ name: '5' }));
    expect(told.at(-1)).toBe('c ada k 5');
  });

  test('20 a second at most, of however many, and always the last', () => {
    for (let i = 0; i < 1_000; i += 1) {
      ticks.offer(key('c'), signal({ name: `${i}` }));
      vi.advanceTimersByTime(1);
    }
    vi.advanceTimersByTime(100);
    expect(told.length).toBeGreaterThanOrEqual(20);
    expect(told.length).toBeLessThanOrEqual(21);
    expect(told.at(-1)).toBe('c ada k 999');
  });

  test('senders, keys and channels do not stand in for each other', () => {
    for (const over of [{}, { userId: 'alan' }, { key: 'other' }]) ticks.offer(key('c'), signal(over));
    ticks.offer(key('d'), signal());
    expect(told).toEqual(['c ada k cursor', 'c alan k cursor', 'c ada other cursor', 'd ada k cursor']);
  });

  test('one that was sent before what is told, and comes after it, is nothing new', () => {
    const now = Date.now();
    ticks.offer(key('c'), signal({ name: 'new', sentAt: now }));
    ticks.offer(key('c'), signal({ name: 'old', sentAt: now - 1 }));
    vi.advanceTimersByTime(50);
    ticks.offer(key('c'), signal({ name: 'newer', sentAt: now + 2 }));
    ticks.offer(key('c'), signal({ name: 'between', sentAt: now + 1 }));
    vi.advanceTimersByTime(200);
    expect(told).toEqual(['c ada k new', 'c ada k newer']);
  });
});

test('without a key all count, up to a number a tick', () => {
  const offer = (name: string) => ticks.offer(key('c'), signal({ key: null, name }));
  expect(['1', '2', '3', '4', '5', '6'].map(offer)).toEqual([true, true, true, true, true, false]);
  expect(told).toHaveLength(5);
  expect(ticks.offer(key('d'), signal({ key: null }))).toBe(true);
  expect(ticks.offer(key('c'), signal())).toBe(true);
  vi.advanceTimersByTime(50);
  expect(told).toHaveLength(7);
  expect(offer('7')).toBe(true);
});

test('keys and channels of one tick are bounded; what is too many is dropped, and there is room after it', () => {
  const keys = ['1', '2', '3', '4', '5'].map((name) => ticks.offer(key('c'), signal({ key: name })));
  expect(keys).toEqual([true, true, true, true, false]);
  expect(['d', 'e', 'f'].map((name) => ticks.offer(key(name), signal()))).toEqual([true, true, false]);
  vi.advanceTimersByTime(100);
  expect(ticks.size).toBe(0);
  expect(ticks.offer(key('f'), signal())).toBe(true);
});

test('nothing is told after it was closed', () => {
  ticks.offer(key('c'), signal({ name: '1' }));
  ticks.offer(key('c'), signal({ name: '2' }));
  ticks.close();
  vi.advanceTimersByTime(100);
  expect(told).toEqual(['c ada k 1']);
});
