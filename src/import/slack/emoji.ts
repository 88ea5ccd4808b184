/**
 * Slack's names of emoji as emoji. Slack's short names are nearly GitHub's; where they are not, a rule or a line here
 * says so. A name that stands for no emoji of Unicode is a workspace's own and stays a name: `:shipit:`.
 */
import { nameToEmoji } from 'gemoji';
import { checkEmoji } from '../../chat/messages/emoji.ts';

/** Where the two name another emoji, or only Slack has the name. */
const SLACK_ONLY: Readonly<Record<string, string>> = {
  bride_with_veil: '👰',
  email: '✉️',
  guardsman: '💂',
  heavy_heart_exclamation_mark_ornament: '❣️',
  house_buildings: '🏘️',
  knife_fork_plate: '🍽️',
  ladybug: '🐞',
  lightning: '🌩️',
  man_with_turban: '👳',
  medal: '🎖️',
  men_holding_hands: '👬',
  man_and_woman_holding_hands: '👫',
  mostly_sunny: '🌤️',
  ok_woman: '🙆',
  partly_sunny_rain: '🌦️',
  'rainbow-flag': '🏳️‍🌈',
  rain_cloud: '🌧️',
  satellite: '🛰️',
  scales: '⚖️',
  snow_cloud: '🌨️',
  snowman: '☃️',
  staff_of_aesculapius: '⚕️',
  table_tennis_paddle_and_ball: '🏓',
  umbrella: '☂️',
  umbrella_with_rain_drops: '☔',
  waving_black_flag: '🏴',
  waving_white_flag: '🏳️',
  women_holding_hands: '👭',
};

const FIRST_TONE = 0x1f3fb;
const FLAG = /^flag-([a-z])([a-z])$/;
const FIRST_LETTER = 0x1f1e6;

/** As it is kept here; null for a name that cannot be. @param name as in an export: `+1::skin-tone-3`. */
export function emojiOf(name: string): string | null {
  const [plain = '', tone] = name.toLowerCase().replace(/^:|:$/g, '').split('::');
  const known = unicodeOf(plain);
  const wishes = [
    ...(known === null ? [] : [tone === undefined ? known : toned(known, tone)]),
    tone === undefined ? `:${plain}:` : `:${plain}::${tone}:`,
    // Better the emoji in another colour than none.
    ...(known === null ? [`:${plain}:`] : [known]),
  ];
  for (const wish of wishes) {
    try {
      return checkEmoji(wish);
    } catch {
      // Not one that is kept; the next may be.
    }
  }
  return null;
}

function unicodeOf(name: string): string | null {
  // Names come from a file: nothing inherited may answer for them.
  const own = Object.hasOwn(SLACK_ONLY, name) ? SLACK_ONLY[name] : undefined;
  if (own !== undefined) return own;
  const flag = FLAG.exec(name);
  if (flag !== null) {
    const letter = (l: string | undefined): number => FIRST_LETTER + (l ?? 'a').charCodeAt(0) - 97;
    return String.fromCodePoint(letter(flag[1]), letter(flag[2]));
  }
  const there = name.replace(/^male-/, 'man_').replace(/^female-/, 'woman_');
  for (const wish of [name, there, there.replaceAll('-', '_')]) {
    if (Object.hasOwn(nameToEmoji, wish)) return nameToEmoji[wish] ?? null;
  }
  return null;
}

/** The colour stands behind the first sign of the emoji, in place of its style mark. */
function toned(emoji: string, tone: string): string {
  const number = Number(/^skin-tone-([2-6])$/.exec(tone)?.[1] ?? 0);
  if (number === 0) return emoji;
  const [first = '', ...rest] = [...emoji];
  const behind = rest[0] === '\ufe0f' ? rest.slice(1) : rest;
  return [first, String.fromCodePoint(FIRST_TONE + number - 2), ...behind].join('');
}
