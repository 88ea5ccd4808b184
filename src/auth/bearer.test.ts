import { expect, test } from 'vitest';
import { authorizationIn, bearerToken } from './bearer.ts';

test('Bearer TOKEN and TOKEN are the same; nothing, null and an empty one are none', () => {
  for (const value of ['Bearer abc', 'bearer  abc ', 'abc']) expect(bearerToken(value)).toBe('abc');
  for (const value of [undefined, null, '', '  ', 'Bearer', 'Bearer ']) expect(bearerToken(value)).toBeNull();
});

test('what is not text is a token that cannot be valid, not a missing one', () => {
  for (const value of [1, {}, ['abc'], true]) expect(bearerToken(value)).toBe('not text');
});

test('the name is found in any case, and only in an object', () => {
  expect(authorizationIn({ Authorization: 'abc' })).toBe('abc');
  expect(authorizationIn({ other: 'x', AUTHORIZATION: 'Bearer abc' })).toBe('abc');
  for (const fields of [null, undefined, 'Bearer abc', {}, { authorisation: 'abc' }]) {
    expect(authorizationIn(fields)).toBeNull();
  }
});
