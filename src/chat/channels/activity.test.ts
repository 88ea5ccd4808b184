import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { silentLogger } from '../logger.ts';
import { startActivityNotes } from './activity.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function notes(failures = 0) {
  const written: string[][] = [];
  const activity = startActivityNotes(
    {
      async touchActivity(organizationId, at) {
        if (written.length < failures) {
          written.push(['failed']);
          throw new Error('away');
        }
        written.push([...at].map(([id, date]) => `${organizationId}/${id} ${date.getTime()}`));
      },
    },
    silentLogger,
  );
  return { activity, written };
}

test('writes the newest time of each channel, once in some seconds', async () => {
  const { activity, written } = notes();
  activity.note('o', 'c', 1);
  activity.note('o', 'c', 2);
  activity.note('o', 'd', 3);
  activity.note('p', 'c', 4);
  expect(written).toEqual([]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toEqual([['o/c 2', 'o/d 3'], ['p/c 4']]);
  await activity.close();
});

test('is lost without harm when the database is away', async () => {
  const { activity, written } = notes(1);
  activity.note('o', 'c', 1);
  await vi.advanceTimersByTimeAsync(10_000);
  activity.note('o', 'c', 2);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(written).toEqual([['failed'], ['o/c 2']]);
  await activity.close();
});

test('has a bound: a channel beyond it is left for its next message', async () => {
  const { activity, written } = notes();
  for (let i = 0; i <= 10_000; i += 1) activity.note('o', `c${i}`, 1);
  activity.note('o', 'c0', 2);
  await activity.flush();
  expect(written[0]).toHaveLength(10_000);
  expect(written[0]?.[0]).toBe('o/c0 2');
  await activity.close();
});

test('writes a last time when it is closed, and no more', async () => {
  const { activity, written } = notes();
  activity.note('o', 'c', 1);
  await activity.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(written).toEqual([['o/c 1']]);
});
