import { expect, test } from 'vitest';
import { Rate } from './rate.ts';

let now = 0;
const rate = (options: { burst: number; perMs: number; most?: number }) =>
  new Rate({ most: 100, now: () => now, ...options });

test('a burst, then an even rate, each key for itself', () => {
  const r = rate({ burst: 4, perMs: 1_000 });
  expect([1, 2, 3, 4, 5].map(() => r.take('a'))).toEqual([0, 0, 0, 0, 250]);
  expect(r.take('b')).toBe(0);
  now += 249;
  expect(r.take('a')).toBe(1);
  now += 1;
  expect([r.take('a'), r.take('a')]).toEqual([0, 250]);
  now += 10_000;
  expect([1, 2, 3, 4, 5].map(() => r.take('a'))).toEqual([0, 0, 0, 0, 250]);
});

test('whoever comes first is let through, whatever fraction of a millisecond it is', () => {
  const r = rate({ burst: 1, perMs: 3_000 });
  for (let i = 0; i < 1_000; i += 1) {
    now += 6.123_456_789;
    expect(r.take(`first ${i}`)).toBe(0);
  }
});

test('what was refused costs nothing', () => {
  const r = rate({ burst: 1, perMs: 3_000 });
  expect(r.take('a')).toBe(0);
  now += 1_000;
  for (let i = 0; i < 100; i += 1) expect(r.take('a')).toBe(2_000);
  now += 2_000;
  expect(r.take('a')).toBe(0);
});

test('keeps few: full ones are forgotten, and the oldest when there are too many', () => {
  const r = rate({ burst: 1, perMs: 1_000, most: 50 });
  for (let i = 0; i < 500; i += 1) expect(r.take(`${i}`)).toBe(0);
  expect(r.size).toBe(50);
  expect(r.take('499')).toBe(1_000);
  now += 1_000;
  for (let i = 0; i < 10; i += 1) r.take('again');
  expect(r.size).toBeLessThan(50);
  for (let i = 0; i < 20; i += 1) {
    now += 1_000;
    r.take('again');
  }
  expect(r.size).toBe(1);
});
