import { expect, test } from 'vitest';
import { storedSendKey } from './stored-send-key.ts';

test('has what the client called the send first', () => {
  expect(storedSendKey('author/0199-id')).toBe('0199-id/author');
  expect(storedSendKey('author/an/id')).toBe('an/id/author');
  expect(storedSendKey('made by the server')).toBe('made by the server');
});

test('never makes one key of two', () => {
  const parts = ['', 'a', 'b', '/', 'a/', '/a', '//', 'a/b', 'b/a', 'a/b/a', 'ab'];
  const keys = new Set(parts.flatMap((part) => [part, ...parts.map((other) => `${part}/${other}`)]));
  expect(new Set([...keys].map(storedSendKey)).size).toBe(keys.size);
});
