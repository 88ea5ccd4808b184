import { expect, test } from 'vitest';
import { emojiOf } from './emoji.ts';

test.each([
  ['tada', '🎉'],
  ['+1', '👍'],
  ['thumbsup', '👍'],
  ['+1::skin-tone-3', '👍🏼'],
  ['point_up::skin-tone-6', '☝🏿'],
  ['heart', '❤️'],
  ['flag-ch', '🇨🇭'],
  ['male-farmer', '👨‍🌾'],
  ['female-technologist', '👩‍💻'],
  ['rainbow-flag', '🏳️‍🌈'],
  ['umbrella', '☂️'],
  ['snowman', '☃️'],
  ['one', '1️⃣'],
  // A workspace's own.
  ['shipit', ':shipit:'],
  ['party_parrot', ':party_parrot:'],
  ['constructor', ':constructor:'],
  ['flag-zz', ':flag-zz:'],
  ['tada::skin-tone-3', ':tada::skin-tone-3:'],
  ['no spaces', null],
  ['日本', null],
  ['', null],
])('%s is %s', (name, emoji) => {
  expect(emojiOf(name)).toBe(emoji);
});
