import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoredMention } from '../../chat/log/entries.ts';
import { cutText } from './cut.ts';

const mention = (start: number, length: number): StoredMention => ({ kind: 'HERE', start, length });

describe('cutting a text', () => {
  test('a text within the limit stays whole', () => {
    expect(cutText('abc', [mention(0, 1)], 3)).toEqual([{ text: 'abc', mentions: [mention(0, 1)] }]);
  });

  test('a line end near the limit is preferred, then a space', () => {
    expect(cutText('aaaaaaaa\nbb cc dd', [], 10).map((p) => p.text)).toEqual(['aaaaaaaa\n', 'bb cc dd']);
    expect(cutText('aaaaaaaa bbbbbb', [], 10).map((p) => p.text)).toEqual(['aaaaaaaa ', 'bbbbbb']);
  });

  test('joined again the parts are the text, within the limit, and every mention is whole', () => {
    const pieces = fc.array(fc.constantFrom('a', ' ', '\n', '🎉', 'word', '@ada'), { maxLength: 80 });
    fc.assert(
      fc.property(pieces, fc.integer({ min: 4, max: 12 }), (words, limit) => {
        const text = words.join('');
        const mentions = [...text.matchAll(/@ada/g)].map((m) => mention(m.index, 4));
        const parts = cutText(text, mentions, limit);
        expect(parts.map((p) => p.text).join('')).toBe(text);
        for (const part of parts) {
          expect(part.text.length).toBeLessThanOrEqual(limit);
          expect(part.text.isWellFormed()).toBe(true);
          for (const m of part.mentions) expect(part.text.slice(m.start, m.start + m.length)).toBe('@ada');
        }
        expect(parts.flatMap((p) => p.mentions)).toHaveLength(mentions.length);
      }),
      { numRuns: 2_000 },
    );
  });
});
