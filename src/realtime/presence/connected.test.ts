import { expect, test, vi } from 'vitest';
import { Connected } from './connected.ts';

const ada = { organizationId: 'o', userId: 'ada' };

test('what somebody said themselves outranks what they had said elsewhere', () => {
  const connected = new Connected({ graceMs: 1_000, onChanged: () => undefined });
  connected.came(ada, 'c1');
  connected.goOnAs(ada, 'OFFLINE');
  expect(connected.entryOf(ada)).toEqual({ presence: 'OFFLINE', isLingering: false });
  connected.say(ada, 'ACTIVE', 'c1');
  connected.goOnAs(ada, 'OFFLINE');
  expect(connected.entryOf(ada)).toEqual({ presence: 'ACTIVE', isLingering: false });
  connected.close();
});

test('what is said of all connections holds for those in their grace too', () => {
  vi.useFakeTimers();
  const connected = new Connected({ graceMs: 1_000, onChanged: () => undefined });
  connected.came(ada, 'c1');
  connected.went(ada, 'c1');
  expect(connected.say(ada, 'OFFLINE', null)).toBe(true);
  expect(connected.entryOf(ada)).toEqual({ presence: 'OFFLINE', isLingering: true });
  connected.came(ada, 'c2');
  expect(connected.entryOf(ada)).toEqual({ presence: 'OFFLINE', isLingering: false });
  connected.went(ada, 'c2');
  connected.went(ada, 'c2');
  vi.advanceTimersByTime(1_000);
  expect(connected.entryOf(ada)).toBeNull();
  expect([connected.size, vi.getTimerCount()]).toEqual([0, 0]);
  vi.useRealTimers();
});

test('a connection that was never there changes nothing by going', () => {
  const told: unknown[] = [];
  const connected = new Connected({ graceMs: 1_000, onChanged: (person) => told.push(person) });
  connected.went(ada, 'c1');
  connected.came(ada, 'c1');
  connected.went(ada, 'other');
  expect(told).toEqual([ada]);
  expect(connected.entryOf(ada)).toEqual({ presence: 'ACTIVE', isLingering: false });
  expect(connected.say({ ...ada, organizationId: 'other' }, 'AWAY', null)).toBe(false);
  connected.close();
});
