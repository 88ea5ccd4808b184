/** Names are compared alike on every database, because their keys are made here. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { candidate } from './free-handle.ts';
import { nameKey } from './names.ts';

test.each([
  ['Ada-Maria  Élodie', 'ada maria elodie'],
  ['ÅSA', 'asa'],
  ['ﬁn ①', 'fin 1'],
  ['O’Neil, Jr.', 'o neil jr'],
  ['İstanbul', 'istanbul'],
  ['...', ''],
  ['🦊 fox', '🦊 fox'],
])('the key of %j is %j', (name, key) => {
  expect(nameKey(name)).toBe(key);
});

test('a key always fits an index entry, is well formed, and has single spaces between its words', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (name) => {
      const key = nameKey(name);
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(600);
      expect(key.isWellFormed()).toBe(true);
      expect(key).not.toMatch(/ {2}|^ /);
    }),
  );
});

test('the key of any part of a name that begins at a word is found in the key of the name', () => {
  const word = fc.string({ unit: fc.constantFrom(...'aBÉz9ß語'), minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.nat(), (words, n) => {
      const from = words.slice(n % words.length).join(' ');
      expect(` ${nameKey(words.join(' '))}`).toContain(` ${nameKey(from)}`);
    }),
  );
});

test('candidates for a handle are never longer than 40 and never the same twice', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'ab-9'), minLength: 1, maxLength: 40 }), (handle) => {
      const all = Array.from({ length: 200 }, (_, i) => candidate(handle, i + 1));
      expect(Math.max(...all.map((one) => one.length))).toBeLessThanOrEqual(40);
      expect(new Set(all.slice(1)).size).toBe(199);
    }),
  );
});
