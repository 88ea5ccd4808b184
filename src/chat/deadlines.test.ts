import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from './deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function scene(ms = 1_000) {
  const late: string[] = [];
  const deadlines = new Deadlines<string>(ms, (one) => late.push(one));
  return { late, deadlines };
}

test('each falls due when it has waited nearly that long, and once', () => {
  const { late, deadlines } = scene();
  deadlines.add('a');
  vi.advanceTimersByTime(610);
  deadlines.add('b');
  vi.advanceTimersByTime(330);
  expect(late).toEqual([]);
  vi.advanceTimersByTime(60);
  expect(late).toEqual(['a']);
  vi.advanceTimersByTime(550);
  expect(late).toEqual(['a']);
  vi.advanceTimersByTime(60);
  expect(late).toEqual(['a', 'b']);
  vi.advanceTimersByTime(10_000);
  expect(late).toEqual(['a', 'b']);
  expect(deadlines.size).toBe(0);
});

test('whoever comes at any moment waits no longer and hardly less', () => {
  for (let offset = 0; offset < 40; offset++) {
    const { late, deadlines } = scene();
    deadlines.add('first');
    vi.advanceTimersByTime(offset);
    deadlines.add('second');
    vi.advanceTimersByTime(938);
    expect(late).not.toContain('second');
    vi.advanceTimersByTime(62);
    expect(late).toContain('second');
  }
});

test('what was answered never falls due, and holds up nobody behind it', () => {
  const { late, deadlines } = scene();
  deadlines.add('a');
  vi.advanceTimersByTime(500);
  deadlines.add('b');
  deadlines.delete('a');
  vi.advanceTimersByTime(1_000);
  expect(late).toEqual(['b']);
});

test('few timers do for all, and none runs on when nothing waits', () => {
  const { deadlines } = scene();
  for (let i = 0; i < 100; i++) deadlines.add(`${i}`);
  // Its own, and the one that says how long it is shared.
  expect(vi.getTimerCount()).toBe(2);
  for (let ms = 0; ms < 3_000; ms++) {
    vi.advanceTimersByTime(1);
    deadlines.add(`later ${ms}`);
    expect(vi.getTimerCount()).toBeLessThanOrEqual(35);
  }
  vi.advanceTimersByTime(1_000);
  expect([vi.getTimerCount(), deadlines.size]).toEqual([0, 0]);
});

test('on a busy loop, where every timer comes late, nobody waits for more than one of them', () => {
  const inTime = globalThis.setTimeout;
  const late = vi.spyOn(globalThis, 'setTimeout');
  late.mockImplementation(((call: () => void, ms: number) => inTime(call, ms + 100)) as typeof setTimeout);
  try {
    const { late, deadlines } = scene();
    deadlines.add('a');
    vi.advanceTimersByTime(50);
    deadlines.add('b');
    vi.advanceTimersByTime(1_050);
    expect(late).toEqual(['a', 'b']);
  } finally {
    late.mockRestore();
  }
});

test('whoever comes while others fall due waits as long', () => {
  const late: string[] = [];
  const deadlines = new Deadlines<string>(1_000, (one) => {
    late.push(one);
    if (late.length === 1) deadlines.add('next');
  });
  deadlines.add('a');
  vi.advanceTimersByTime(1_000);
  expect(late).toEqual(['a']);
  vi.advanceTimersByTime(890);
  expect(late).toEqual(['a']);
  vi.advanceTimersByTime(110);
  expect(late).toEqual(['a', 'next']);
});
