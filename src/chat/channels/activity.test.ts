import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Logger, silentLogger } from '../logger.ts';
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

test('is written before somebody asks for the order, where any was noted, and waited for no longer than half a second', async () => {
  const { activity, written } = notes();
  activity.note('o', 'c', 1);
  await activity.settled('p');
  expect(written).toEqual([]);
  await activity.settled('o');
  expect(written).toEqual([['o/c 1']]);
  await activity.close();

  const touchActivity = vi.fn(() => new Promise<void>(() => undefined));
  const slow = startActivityNotes({ touchActivity }, silentLogger);
  slow.note('o', 'c', 1);
  const looked = vi.fn();
  const looks = [slow.settled('o').then(looked), slow.settled('o').then(looked)];
  await vi.advanceTimersByTimeAsync(499);
  expect(touchActivity).toHaveBeenCalledOnce();
  expect(looked).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  await Promise.all(looks);
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

/** Notes of three organizations, over a store that answers as it is told to. */
function closing(touchActivity: () => Promise<void>) {
  const warn = vi.fn<Logger['warn']>();
  const touch = vi.fn(touchActivity);
  const activity = startActivityNotes({ touchActivity: touch }, { ...silentLogger, warn });
  for (const organizationId of ['o', 'p', 'q']) {
    activity.note(organizationId, 'c', 1);
    activity.note(organizationId, 'd', 1);
  }
  return { activity, touch, dropped: () => warn.mock.calls.map(([fields]) => fields) };
}

test('closing gives up at the first failure, and says how much was lost', async () => {
  const { activity, touch, dropped } = closing(() => Promise.reject(new Error('away')));
  await activity.close();
  expect(touch).toHaveBeenCalledTimes(1);
  expect(dropped()).toEqual([{ dropped: 6 }]);
});

test('closing while a write is under way gives up with it', async () => {
  const { promise, reject } = Promise.withResolvers<void>();
  const { activity, touch, dropped } = closing(() => promise);
  await vi.advanceTimersByTimeAsync(5_000);
  activity.note('r', 'c', 1);
  const closed = activity.close();
  reject(new Error('away'));
  await closed;
  expect(touch).toHaveBeenCalledTimes(1);
  expect(dropped()).toEqual([{ dropped: 7 }]);
});

test('closing goes no further than its deadline when the database says nothing', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { activity, touch, dropped } = closing(() => promise);
  const closed = activity.close();
  await vi.advanceTimersByTimeAsync(5_000);
  await closed;
  expect(dropped()).toEqual([{ dropped: 6 }]);
  resolve();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(touch).toHaveBeenCalledTimes(1);
});

test('without a close, a failure stops no other organization', async () => {
  const { activity, touch, dropped } = closing(() => Promise.reject(new Error('away')));
  await activity.flush();
  expect(touch).toHaveBeenCalledTimes(3);
  await activity.close();
  expect(dropped()).toEqual([]);
});
