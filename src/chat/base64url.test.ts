import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { toBase64url } from './base64url.ts';

test('is what a Buffer makes of the same', () => {
  const latin1 = fc.array(fc.nat(255), { maxLength: 120 }).map((bytes) => String.fromCharCode(...bytes));
  fc.assert(
    fc.property(latin1, (text) => {
      expect(toBase64url(text)).toBe(Buffer.from(text, 'latin1').toString('base64url'));
    }),
  );
  expect(toBase64url('')).toBe('');
  expect(toBase64url('~~~???>>>')).toBe('fn5-Pz8_Pj4-');
});

test('refuses what has no byte each', () => {
  expect(() => toBase64url('ключ')).toThrow();
});
