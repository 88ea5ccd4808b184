import { expect, test } from 'vitest';
import type { MessageEntry } from '../log/entries.ts';
import { contentNow } from './content.ts';

const sent: MessageEntry = {
  authorId: 'a',
  clientMessageId: 'c',
  text: 'sent',
  metadata: { by: 'sender' },
  mentions: [{ kind: 'HERE', start: 0, length: 5 }],
};
const edited = { text: 'edited', metadata: null, mentions: [], at: 1, rev: 1 };

test('a message says what was sent, until it is edited', () => {
  expect(contentNow(sent)).toMatchObject({ text: 'sent', metadata: { by: 'sender' } });
  expect(contentNow({ ...sent, projection: { changedRev: 1, pinnedAt: 1 } }).text).toBe('sent');
  expect(contentNow({ ...sent, projection: { changedRev: 1, edited } })).toMatchObject({
    text: 'edited',
    metadata: null,
    mentions: [],
  });
});

test('a deleted message says nothing, whatever a store still holds', () => {
  for (const projection of [
    { changedRev: 2, deletedAt: 1 },
    { changedRev: 2, deletedAt: 1, edited },
  ]) {
    expect(contentNow({ ...sent, projection })).toEqual({ text: '', metadata: null, mentions: [] });
  }
});
