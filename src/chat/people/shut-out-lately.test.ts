import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ShutOutLately } from './shut-out-lately.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

const ada = { organizationId: 'o', userId: 'ada' };

test('knows who was shut out, in their organization alone, for some minutes', () => {
  const gone = new ShutOutLately();
  expect(gone.has(ada)).toBe(false);
  gone.add(ada);
  expect(gone.has({ ...ada })).toBe(true);
  expect(gone.has({ ...ada, organizationId: 'another' })).toBe(false);
  // Longer than a person is remembered without being asked for.
  vi.advanceTimersByTime(6 * 60_000);
  expect(gone.has(ada)).toBe(true);
  vi.advanceTimersByTime(5 * 60_000);
  expect(gone.has(ada)).toBe(false);
});

test('is bounded: of too many the oldest are forgotten', () => {
  const gone = new ShutOutLately();
  for (let i = 0; i <= 20_000; i += 1) gone.add({ organizationId: 'o', userId: `u-${i}` });
  expect([0, 1, 20_000].map((i) => gone.has({ organizationId: 'o', userId: `u-${i}` }))).toEqual([
    false,
    true,
    true,
  ]);
});
