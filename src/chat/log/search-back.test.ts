import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { uuidv7 } from '../ids.ts';
import { messageSearchBack } from './search-back.ts';

const now = 1_800_000_000_000;
const minutes = (count: number) => count * 60_000;

test('basis wins over the id', () => {
  expect(messageSearchBack(uuidv7(now), 17, now)).toEqual({ basis: 17 });
  expect(messageSearchBack(randomUUID(), 0, now)).toEqual({ basis: 0 });
});

test('the time of a UUIDv7 counts less ten minutes', () => {
  expect(messageSearchBack(uuidv7(now), null, now)).toEqual({ since: now - minutes(10) });
  expect(messageSearchBack(uuidv7(now - minutes(60)), null, now)).toEqual({ since: now - minutes(70) });
});

test('an id up to ten minutes ahead counts, one further ahead says nothing', () => {
  expect(messageSearchBack(uuidv7(now + minutes(10)), null, now)).toEqual({ since: now });
  expect(messageSearchBack(uuidv7(now + minutes(10) + 1), null, now)).toBe('ONE_BUCKET');
});

test('any other id says nothing', () => {
  expect(messageSearchBack(randomUUID(), null, now)).toBe('ONE_BUCKET');
});
