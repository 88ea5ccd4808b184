import { expect, test } from 'vitest';
import { checkEmoji } from './emoji.ts';

test.each([
  ['plain', '😀'],
  ['with a skin tone', '👍🏽'],
  ['of several people', '👨‍👩‍👧‍👦'],
  ['a flag', '🇩🇪'],
  ['a flag of a region', '🏴󠁧󠁢󠁳󠁣󠁴󠁿'],
  ['a keycap', '1️⃣'],
  ['with its style mark', '❤️'],
  ['by name', ':thumbsup:'],
  ['by name, with signs', ':+1:'],
  ['by name, with a skin tone', ':wave::skin-tone-3:'],
])('an emoji %s is taken as it is', (_, emoji) => {
  expect(checkEmoji(emoji)).toBe(emoji);
});

test('a character with a plain form is the same emoji without its style mark', () => {
  expect(checkEmoji('\u2764')).toBe('\u2764\ufe0f');
});

test.each([
  ['nothing', ''],
  ['a letter', 'a'],
  ['a digit', '1'],
  ['a word', 'thumbsup'],
  ['two emoji', '😀😀'],
  ['an emoji and a space', '😀 '],
  ['half of one', '\ud83d'],
  ['a lone skin tone joiner', '\u200d'],
  ['a lone style mark', '\ufe0f'],
  ['a name with a space', ':thumbs up:'],
  ['an empty name', '::'],
  ['an endless name', `:${'a'.repeat(65)}:`],
  ['two names', ':a::b:'],
  ['half a flag', '🇩'],
  ['markup', '<b>'],
])('%s is no emoji', (_, emoji) => {
  expect(() => checkEmoji(emoji)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
});
