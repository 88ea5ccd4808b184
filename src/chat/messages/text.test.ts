import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../json.ts';
import { checkMetadata, checkText } from './text.ts';

const refused = expect.objectContaining({ code: 'BAD_USER_INPUT' });

describe('the text of a message', () => {
  test('is 1 to 16,000 UTF-16 code units', () => {
    expect(() => checkText('a'.repeat(16_000))).not.toThrow();
    expect(() => checkText('😀'.repeat(8_000))).not.toThrow();
    expect(() => checkText('')).toThrow(refused);
    expect(() => checkText('a'.repeat(16_001))).toThrow(refused);
    expect(() => checkText('😀'.repeat(8_001))).toThrow(refused);
  });

  test('holds nothing that could not be kept as it came', () => {
    expect(() => checkText('half \ud83d of a pair')).toThrow(refused);
    expect(() => checkText('a\0b')).toThrow(refused);
  });
});

describe('metadata', () => {
  const nested = (levels: number): JsonObject => (levels === 1 ? { leaf: 1 } : { inner: nested(levels - 1) });

  test('is measured as JSON in UTF-8', () => {
    expect(checkMetadata(null)).toBe(0);
    expect(checkMetadata({ a: 'é' })).toBe(10);
    // {"a":""} is 8 bytes.
    expect(checkMetadata({ a: 'x'.repeat(16 * 1024 - 8) })).toBe(16 * 1024);
    expect(() => checkMetadata({ a: 'x'.repeat(16 * 1024 - 7) })).toThrow(refused);
    expect(() => checkMetadata({ a: 'é'.repeat(8_200) })).toThrow(refused);
  });

  test('is not nested deeper than 32 levels', () => {
    expect(() => checkMetadata(nested(32))).not.toThrow();
    expect(() => checkMetadata(nested(33))).toThrow(refused);
    const lists = { a: JSON.parse(`${'['.repeat(3_000)}${']'.repeat(3_000)}`) };
    expect(() => checkMetadata(lists)).toThrow(refused);
  });
});
