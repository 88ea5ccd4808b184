import { describe, expect, test } from 'vitest';
import { Needles } from './needles.ts';

const CHANNEL = '0198c0de-0000-7000-8000-00000000cafe';
const needles = new Needles(['kanarie', CHANNEL]);
const encoded = (text: string): string => Buffer.from(text).toString('base64url');

describe('what belongs to the canary', () => {
  test.each([
    ['plain', '{"text":"a Kanarie sings"}'],
    ['an id', JSON.stringify({ id: encoded(`Channel:${CHANNEL}`) })],
    ['a cursor within a message of an error', `not yours: ${encoded(`e1.${CHANNEL}.0.1.0`)}, sorry`],
    ['a part of a log line', `{"level":30,"url":"/?q=${encoded(`Message:${CHANNEL}:4`)}"}`],
  ])('is found in %s', (_, said) => {
    expect(needles.in(said)).toHaveLength(1);
  });

  test('is no news to whoever said it, in whatever form', () => {
    expect(needles.in(`no channel ${CHANNEL}`, encoded(`Channel:${CHANNEL}`))).toEqual([]);
    expect(needles.in(`kanarie ${CHANNEL}`, encoded(`Channel:${CHANNEL}`))).toEqual(['kanarie']);
  });

  test('is not found where it is not', () => {
    expect(
      needles.in(JSON.stringify({ id: encoded('Channel:0198c0de-0000-7000-8000-00000000babe') })),
    ).toEqual([]);
  });
});
