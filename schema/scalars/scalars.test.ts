import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isoInstant, parseDateTime } from './date-time.ts';
import { parseJsonObject } from './json-object.ts';
import { parseUuid } from './uuid.ts';

describe('DateTime', () => {
  test.each([
    '2026-11-22T10:15:30.123Z',
    '2026-11-22T10:15:30Z',
    '2026-11-22T10:15:30.1Z',
    '2028-02-29T00:00:00Z',
  ])('%s is one', (text) => expect(parseDateTime(text)).toEqual(new Date(text)));

  test.each([
    '2026-11-22',
    '2026-11-22T10:15:30',
    '2026-11-22T10:15:30+01:00',
    '2026-02-30T10:00:00Z',
    '2026-13-01T10:00:00Z',
    '2026-11-22T24:00:00Z',
    '2026-11-22T10:15:30.1234Z',
    '',
    0,
    null,
  ])('%j is none', (value) => expect(() => parseDateTime(value)).toThrow(/ISO 8601/));

  test('is written as Date writes it', () => {
    const day = 86_400_000;
    const near = fc.nat(3).chain((n) => fc.integer({ min: n * day - 2, max: n * day + 2 }));
    const dates = fc.oneof(near, fc.integer({ min: -8.64e15, max: 8.64e15 }), fc.nat(2_000_000_000_000));
    fc.assert(
      fc.property(fc.array(dates, { minLength: 1, maxLength: 5 }), (several) => {
        for (const at of several) expect(isoInstant(new Date(at))).toBe(new Date(at).toISOString());
      }),
      { numRuns: 300 },
    );
    expect(() => isoInstant(new Date(Number.NaN))).toThrow(RangeError);
  });
});

describe('UUID', () => {
  const uuid = '01932f6e-52a9-7d0c-9a4e-6f0d8a7c1b2e';
  test('has one spelling', () => {
    expect(parseUuid(uuid)).toBe(uuid);
    for (const wrong of [uuid.toUpperCase(), uuid.replaceAll('-', ''), `{${uuid}}`, `${uuid}\n`, '', 7]) {
      expect(() => parseUuid(wrong)).toThrow(/lower case/);
    }
  });
});

describe('JSONObject', () => {
  test('is a JSON object and nothing else', () => {
    const value = JSON.parse('{"a":[1,"s",null,{"b":true}],"__proto__":1}');
    expect(parseJsonObject(value)).toBe(value);
    for (const wrong of [null, [], 'x', 1, { a: Number.NaN }, { a: undefined }, { a: () => 1 }]) {
      expect(() => parseJsonObject(wrong)).toThrow(/JSON object/);
    }
  });

  test('never exhausts the stack', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`);
    expect(() => parseJsonObject(deep)).toThrow(/deep/);
  });
});
