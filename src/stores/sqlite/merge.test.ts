/** How a message's row takes a change in, where the whole store would not show it. */
import { expect, test } from 'vitest';
import { merge, projectionOf, storedOf } from './projection.ts';
import type { ChangeTuple } from './protocol.ts';

const change = (rev: number, kind: ChangeTuple[2], content: string | null = null): ChangeTuple => [
  rev,
  1_000 + rev,
  kind,
  1,
  content,
  null,
  null,
  null,
  null,
];
const edit = (rev: number, text: string) =>
  change(rev, 'EDITED', JSON.stringify({ text, metadata: null, mentions: [] }));

test('keeps what only a newer version knows, in the row and in an edit, and shows none of it beside what it knows', () => {
  const newer = JSON.stringify({
    changedRev: 2,
    edited: { text: 'x', metadata: null, mentions: [], at: 1, rev: 2, blocks: [1] },
    translations: { et: 'y' },
  });
  expect(projectionOf(newer)).toEqual({
    changedRev: 2,
    edited: { text: 'x', metadata: null, mentions: [], at: 1, rev: 2, blocks: [1] },
  });
  expect(merge(storedOf(newer), change(3, 'PINNED'))).toEqual({
    ...JSON.parse(newer),
    changedRev: 3,
    pinned: { rev: 3, at: 1_003 },
  });
});

test('remembers that it was unpinned, so that an older pin comes to nothing', () => {
  const unpinned = merge(null, change(5, 'UNPINNED'));
  expect(projectionOf(JSON.stringify(merge(unpinned, change(4, 'PINNED'))))).toEqual({ changedRev: 5 });
  expect(projectionOf(JSON.stringify(merge(unpinned, change(6, 'PINNED'))))).toMatchObject({
    pinnedAt: 1_006,
  });
});

test('an edit that was erased meanwhile changes nothing of what the message says', () => {
  const edited = merge(null, edit(1, 'one'));
  expect(merge(edited, change(2, 'EDITED'))).toEqual({ ...edited, changedRev: 2 });
});
