import { expect, test } from 'vitest';
import { headerIn, requestIdOf } from './request-id.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

test('the first that is fit for a log; otherwise a new one', () => {
  expect(requestIdOf('a-1:b', 'c')).toBe('a-1:b');
  expect(requestIdOf(undefined, 'c')).toBe('c');
  for (const unfit of ['', 'two words', 'line\nbreak', '{"a":1}', 'x'.repeat(65), 5, null]) {
    expect(requestIdOf(unfit)).toMatch(UUID);
  }
  expect(requestIdOf()).not.toBe(requestIdOf());
});

test('headers of a message are found whatever their case, and only where they are text', () => {
  expect(headerIn({ 'X-Request-ID': 'a' }, 'x-request-id')).toBe('a');
  for (const odd of [null, 'x', [], { 'x-request-id': 5 }]) {
    expect(headerIn(odd, 'x-request-id')).toBeUndefined();
  }
});
