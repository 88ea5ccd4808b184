import { expect, test, vi } from 'vitest';
import type { LiveEvent } from '../../chat/live/port.ts';
import { SharedEvents } from './shared-events.ts';

test('the same thing at the same place is one event, made once; at another place it is another', () => {
  const events = new SharedEvents();
  const make = vi.fn((): LiveEvent => ({ type: 'CaughtUp', channelId: 'a', cursor: 'c' }));
  const [one, two] = [{}, {}];
  const first = events.of(one, 'c', 1, make);
  expect(events.of(one, 'c', 1, make)).toBe(first);
  expect(Object.isFrozen(first)).toBe(true);
  const others = [events.of(one, 'd', 1, make), events.of(one, 'c', 2, make), events.of(two, 'c', 1, make)];
  expect(new Set([first, ...others]).size).toBe(4);
  expect(events.of(one, 'c', 1, make)).toBe(first);
  expect(make).toHaveBeenCalledTimes(4);
});

test('few places of one thing are remembered; what says nothing is not', () => {
  const events = new SharedEvents();
  const what = {};
  const make = vi.fn((): LiveEvent => ({ type: 'CaughtUp', channelId: 'a', cursor: 'c' }));
  for (let place = 0; place < 100; place += 1) events.of(what, `${place}`, 1, make);
  events.of(what, '99', 1, make);
  expect(make).toHaveBeenCalledTimes(100);
  events.of(what, '1', 1, make);
  expect(make).toHaveBeenCalledTimes(101);
  expect(events.of(what, 'nothing', 1, () => null)).toBeNull();
  expect(events.of(what, 'nothing', 1, make)).not.toBeNull();
});

test('nothing is shared for long, nor beyond what clears it', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const events = new SharedEvents();
    const what = {};
    const make = (): LiveEvent => ({ type: 'CaughtUp', channelId: 'a', cursor: 'c' });
    const first = events.of(what, 'c', 1, make);
    vi.advanceTimersByTime(900);
    expect(events.of(what, 'c', 1, make)).toBe(first);
    vi.advanceTimersByTime(200);
    const second = events.of(what, 'c', 1, make);
    expect(second).not.toBe(first);
    expect(events.of(what, 'c', 1, make)).toBe(second);
    events.clear();
    expect(events.of(what, 'c', 1, make)).not.toBe(second);
  } finally {
    vi.useRealTimers();
  }
});
