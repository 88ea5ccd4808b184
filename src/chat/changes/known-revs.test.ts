import { expect, test } from 'vitest';
import { KnownRevs } from './known-revs.ts';

const channel = (channelId: string) => ({ organizationId: 'o', channelId });

test('what is known of a channel never moves back, until it is forgotten', () => {
  const known = new KnownRevs();
  expect(known.of(channel('a'))).toBe(0);
  known.note(channel('a'), 7);
  known.note(channel('a'), 3);
  expect(known.of(channel('a'))).toBe(7);
  expect(known.of({ organizationId: 'other', channelId: 'a' })).toBe(0);
  known.forget(channel('a'));
  expect(known.of(channel('a'))).toBe(0);
});

test('the channels used last are kept', () => {
  const known = new KnownRevs(2);
  known.note(channel('a'), 1);
  known.note(channel('b'), 2);
  known.of(channel('a'));
  known.note(channel('c'), 3);
  expect(['a', 'b', 'c'].map((id) => known.of(channel(id)))).toEqual([1, 0, 3]);
  expect(known.size).toBe(2);
});
