import { describe, expect, test } from 'vitest';
import { cutUnits, handleFrom, nameFrom, numberedHandle } from './handles.ts';

describe('names fitted to the rules', () => {
  test.each([
    ['ada.lovelace', 'ada.lovelace'],
    ['José Núñez', 'jose-nunez'],
    ['__Élan!!', 'elan'],
    ['a'.repeat(60), 'a'.repeat(40)],
    ['日本語', 'fallback'],
    ['', 'fallback'],
    ['here', 'fallback'],
    ['-.-', 'fallback'],
  ])('%s becomes the handle %s', (wish, handle) => {
    expect(handleFrom(wish, 'fallback')).toBe(handle);
    expect(handle).toMatch(/^[a-z0-9._-]{1,40}$/);
  });

  test('a number after a handle keeps it within 40', () => {
    expect(numberedHandle('general', 2)).toBe('general-2');
    expect(numberedHandle('a'.repeat(40), 12)).toBe(`${'a'.repeat(37)}-12`);
  });

  test('a cut never tears a surrogate pair', () => {
    expect(cutUnits('ab🎉', 3)).toBe('ab');
    expect(cutUnits('ab🎉', 4)).toBe('ab🎉');
  });

  test('the first name that says something is taken', () => {
    expect(nameFrom(null, '  ', ' Ada ', 'x')).toBe('Ada');
    expect(nameFrom('n'.repeat(200))).toHaveLength(80);
    expect(nameFrom(undefined)).toBe('Unnamed');
  });
});
