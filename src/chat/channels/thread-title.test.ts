/** What a thread is called. */
import { expect, test } from 'vitest';
import { threadTitle } from './thread-title.ts';

test('a short text is its title, on one line', () => {
  expect(threadTitle('Where is the  key?\n\tIn the door.')).toBe('Where is the key? In the door.');
  expect(threadTitle('x'.repeat(60))).toBe('x'.repeat(60));
});

test('a long one is cut after a word', () => {
  const words = `${'word '.repeat(12)}and more`;
  expect(threadTitle(words)).toBe(`${'word '.repeat(12).trim()}…`);
  // A word that ends just where it is cut stays.
  expect(threadTitle(`${'a'.repeat(29)} ${'b'.repeat(30)} c`)).toBe(`${'a'.repeat(29)} ${'b'.repeat(30)}…`);
});

test('a long word is cut within, never through a character', () => {
  expect(threadTitle('x'.repeat(61))).toBe(`${'x'.repeat(60)}…`);
  const title = threadTitle(`x${'👍'.repeat(40)}`);
  expect(title).toBe(`x${'👍'.repeat(29)}…`);
  expect(title.isWellFormed()).toBe(true);
});

test('without words it is a thread', () => {
  expect([null, '', ' \n'].map(threadTitle)).toEqual(['Thread', 'Thread', 'Thread']);
});
