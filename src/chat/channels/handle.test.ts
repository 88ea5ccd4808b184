import { describe, expect, test } from 'vitest';
import { checkHandle, checkName, checkTopic, handleOf, handlesFor } from './handle.ts';

const refused = expect.objectContaining({ code: 'BAD_USER_INPUT' });

describe('a handle made from a name', () => {
  test.each([
    ['General', 'general'],
    ['Ünï Café!', 'uni-cafe'],
    ['  Release 2.0 — notes  ', 'release-2.0-notes'],
    ['日本語', 'channel'],
    ['!!!', 'channel'],
    ['x'.repeat(100), 'x'.repeat(80)],
  ])('%s → %s', (name, handle) => {
    expect(handleOf(name)).toBe(handle);
    expect(() => checkHandle(handleOf(name))).not.toThrow();
  });

  test('has more to try when it is taken, all of them allowed, the last one never taken', () => {
    const first = handlesFor('x'.repeat(80));
    expect(first[1]).toBe(`${'x'.repeat(78)}-2`);
    for (const handle of first) expect(() => checkHandle(handle)).not.toThrow();
    expect(first.at(-1)).not.toBe(handlesFor('x'.repeat(80)).at(-1));
  });
});

test.each(['', 'x'.repeat(81), 'Upper', 'a b', 'ä', 'a\n'])('%j is no handle', (handle) => {
  expect(() => checkHandle(handle)).toThrow(refused);
});

test.each(['', '   ', 'x'.repeat(81), 'a\0', 'a\nb', '\ud800'])('%j is no name', (name) => {
  expect(() => checkName(name)).toThrow(refused);
});

test('a topic may be empty and have lines, but not everything', () => {
  expect(checkTopic('')).toBe('');
  expect(checkTopic(' two\nlines ')).toBe('two\nlines');
  expect(checkTopic('two\r\nlines')).toBe('two\nlines');
  expect(() => checkTopic('a\0')).toThrow(refused);
  expect(() => checkTopic('x'.repeat(1_001))).toThrow(refused);
});
