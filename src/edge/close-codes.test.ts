import { expect, test } from 'vitest';
import { closeKindOf, closeKinds, closeReasons } from './close-codes.ts';

test('every end of a socket is of one of a few kinds', () => {
  for (const [kind, reason] of Object.entries(closeReasons)) expect(closeKindOf(reason)).toBe(kind);
  for (const code of [1000, 1001, 1005]) expect(closeKindOf({ code, reason: '' })).toBe('client');
  expect(closeKindOf({ code: 1006, reason: '' })).toBe('lost');
  // What a client calls its own end, and what is against the protocol.
  expect(closeKindOf({ code: 1000, reason: 'slow consumer' })).toBe('client');
  for (const code of [1002, 1009, 4400, 4409]) expect(closeKindOf({ code, reason: 'x' })).toBe('protocol');
  expect(new Set(closeKinds).size).toBe(Object.keys(closeReasons).length + 3);
});
