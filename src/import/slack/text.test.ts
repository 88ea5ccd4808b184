import { describe, expect, test } from 'vitest';
import { type Directory, MENTIONS_KEPT, plainText } from './text.ts';

const directory: Directory = {
  person: (id) => (id === 'U1' ? { id: 'person-1', handle: 'ada' } : null),
  channelHandle: (id) => (id === 'C1' ? 'general' : null),
};
const shown = (text: string): string => plainText(text, directory).text;

describe('Slack text as plain text', () => {
  test('a person is named by handle and kept, at the place in the resulting text', () => {
    const { text, mentions } = plainText('🎉 &lt;3 <@U1>, and <@U1|old name>!', directory);
    expect(text).toBe('🎉 <3 @ada, and @ada!');
    expect(mentions).toEqual([
      { kind: 'USER', userId: 'person-1', start: 6, length: 4 },
      { kind: 'USER', userId: 'person-1', start: 16, length: 4 },
    ]);
    for (const m of mentions) expect(text.slice(m.start, m.start + m.length)).toBe('@ada');
  });

  test('somebody who is not in the export stays as text and is counted', () => {
    expect(plainText('<@U9> <@U9|bob> <!subteam^S1|@ops>', directory)).toEqual({
      text: '@U9 @bob @ops',
      mentions: [],
      unknownMentions: 3,
    });
  });

  test('everybody becomes @channel, and @here stays', () => {
    expect(plainText('<!channel> <!everyone> <!here|here>', directory)).toEqual({
      text: '@channel @channel @here',
      mentions: [
        { kind: 'CHANNEL', start: 0, length: 8 },
        { kind: 'CHANNEL', start: 9, length: 8 },
        { kind: 'HERE', start: 18, length: 5 },
      ],
      unknownMentions: 0,
    });
  });

  test.each([
    ['<#C1|old>', '#general'],
    ['<#C1>', '#general'],
    ['<#C9|gone>', '#gone'],
    ['<#C9>', '#C9'],
    ['<https://example.com/?a=1&amp;b=2>', 'https://example.com/?a=1&b=2'],
    ['<https://example.com|our &lt;page&gt;>', 'our <page> (https://example.com)'],
    ['<http://example.com|example.com>', 'example.com'],
    ['<mailto:ada@example.com|ada@example.com>', 'ada@example.com'],
    ['<!date^1392734382^{date}|Feb 18>', 'Feb 18'],
    ['a &amp;lt; b', 'a &lt; b'],
    ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
    ['<>', '<>'],
    ['<|>', '<|>'],
    ['torn \ud83d pair\u0000', 'torn \ufffd pair\ufffd'],
  ])('%s reads %s', (written, read) => {
    expect(shown(written)).toBe(read);
  });

  test('mentions are bounded; the text is not', () => {
    const { text, mentions, unknownMentions } = plainText('<@U1>'.repeat(MENTIONS_KEPT + 5), directory);
    expect(text).toBe('@ada'.repeat(MENTIONS_KEPT + 5));
    expect(mentions).toHaveLength(MENTIONS_KEPT);
    expect(unknownMentions).toBe(5);
  });
});
