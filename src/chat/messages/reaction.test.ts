import { expect, test } from 'vitest';
import type { MessageProjection } from '../log/entries.ts';
import { reactionsOf } from './reaction.ts';

const message = (projection?: MessageProjection) => ({
  channelId: 'c',
  row: {
    seq: 7,
    at: 0,
    sendKey: 'a/m',
    entry: {
      authorId: 'a',
      clientMessageId: 'm',
      text: 'x',
      metadata: null,
      mentions: [],
      ...(projection === undefined ? {} : { projection }),
    },
  },
});

test('reactions come in the order in which their emoji did, whatever the order of the keys', () => {
  const of = (since: number) => ({ count: 1, since, first: ['a'] });
  const reactions = reactionsOf(
    message({ changedRev: 9, reactions: { ':late:': of(9), '👍': of(2), ':mid:': of(5) } }),
  );
  expect(reactions.map(({ emoji }) => emoji)).toEqual(['👍', ':mid:', ':late:']);
  expect(reactions[0]).toEqual({ channelId: 'c', seq: 7, emoji: '👍', summary: of(2) });
});

test('a message that nobody changed has none', () => {
  expect(reactionsOf(message())).toEqual([]);
  expect(reactionsOf(message({ changedRev: 1 }))).toEqual([]);
});
