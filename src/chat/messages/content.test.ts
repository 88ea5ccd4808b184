import { expect, test } from 'vitest';
import type { MessageEntry } from '../log/entries.ts';
import { contentNow, deletedBy } from './content.ts';

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

test('a deletion leaves that there was a message, and its reactions and thread', () => {
  const entry = { kind: 'DELETED', head: 3, actorId: 'a', userId: null, seq: 3 } as const;
  const deletion = { seq: 9, at: 70, sendKey: 'd', entry };
  const reactions = { '👍': { count: 1, since: 4, first: ['b'] } };
  const projection = { changedRev: 5, edited, pinnedAt: 6, threadId: 't', reactions };
  const erased = { authorId: 'a', clientMessageId: 'c', text: '', metadata: null, mentions: [] };
  expect(deletedBy(deletion, sent)).toEqual({ ...erased, projection: { changedRev: 9, deletedAt: 70 } });
  expect(deletedBy(deletion, { ...sent, projection })).toEqual({
    ...erased,
    projection: { changedRev: 9, deletedAt: 70, threadId: 't', reactions },
  });
});
