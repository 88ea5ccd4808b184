import { expect, test } from 'vitest';
import { uuidv7 } from '../ids.ts';
import { searchBackOf } from './send.ts';

const now = Date.UTC(2026, 10, 23);
const minutes = 60_000;
const v4 = '0d3f1f6e-52a9-4d0c-9a4e-6f0d8a7c1b2e';

test('a basis says how far back to look, whatever the id', () => {
  expect(searchBackOf(uuidv7(now), 7, now)).toEqual({ basis: 7 });
  expect(searchBackOf(v4, 0, now)).toEqual({ basis: 0 });
});

test("a UUIDv7 says it by its time, less ten minutes for the client's clock", () => {
  expect(searchBackOf(uuidv7(now - 3), null, now)).toEqual({ since: now - 3 - 10 * minutes });
  expect(searchBackOf(uuidv7(now + 10 * minutes), null, now)).toEqual({ since: now });
});

test('one from further ahead than that says nothing, and neither does another UUID', () => {
  expect(searchBackOf(uuidv7(now + 10 * minutes + 1), null, now)).toBe('ONE_BUCKET');
  expect(searchBackOf(v4, null, now)).toBe('ONE_BUCKET');
});
