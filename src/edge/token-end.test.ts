import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TokenEnd } from './token-end.ts';

const START = 1_000_000;
let said: string[];
let end: TokenEnd;
beforeEach(() => {
  vi.useFakeTimers({ now: START });
  said = [];
  end = new TokenEnd(
    { now: () => Date.now() },
    {
      isNear: () => said.push(`near ${end.near?.getTime()}`),
      isHere: () => said.push('here'),
    },
  );
});
afterEach(() => {
  end.close();
  vi.useRealTimers();
});

test('a minute before it ends it is near, once, and then it ends', () => {
  end.set(START + 200_000);
  vi.advanceTimersByTime(139_999);
  expect(said).toEqual([]);
  expect(end.near).toBeNull();
  vi.advanceTimersByTime(1);
  expect(said).toEqual([`near ${START + 200_000}`]);
  vi.advanceTimersByTime(59_999);
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(said.at(-1)).toBe('here');
});

test('one that is shorter is near at once', () => {
  end.set(START + 30_000);
  expect(said).toEqual([`near ${START + 30_000}`]);
  vi.advanceTimersByTime(30_000);
  expect(said.at(-1)).toBe('here');
});

test('another in its place is near in its own time, and the first one ends nothing any more', () => {
  end.set(START + 30_000);
  end.set(START + 100_000);
  expect(end.near).toBeNull();
  vi.advanceTimersByTime(39_999);
  expect(said).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(said.at(-1)).toBe(`near ${START + 100_000}`);
  end.set(START + 70_000);
  expect(said.at(-1)).toBe(`near ${START + 70_000}`);
  expect(said).not.toContain('here');
});

test('the same once more is told once; one that is over is over at once', () => {
  end.set(START + 30_000);
  end.set(START + 30_000);
  expect(said).toHaveLength(1);
  end.set(START);
  expect(said.at(-1)).toBe('here');
});

test('closed when it says that it is near, it leaves no timer', () => {
  const closing = new TokenEnd(
    { now: () => Date.now() },
    { isNear: () => closing.close(), isHere: () => said.push('here') },
  );
  closing.set(START + 30_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('one that lasts longer than any timer does not end early; closed, it says nothing', () => {
  end.set(START + 2 ** 32);
  vi.advanceTimersByTime(2 ** 31);
  expect(said).toEqual([]);
  end.close();
  vi.advanceTimersByTime(2 ** 32);
  expect(said).toEqual([]);
});
