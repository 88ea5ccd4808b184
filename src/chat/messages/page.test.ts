import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encodeEventCursor, encodePageCursor } from '../cursors/cursor.ts';
import { uuidv7 } from '../ids.ts';
import { type HistoryArgs, historyRange } from './page.ts';

const channelId = uuidv7(1);
const cursor = (seq: number) => encodePageCursor(channelId, seq);
const page = (args: HistoryArgs, head: number, checkpoint: number | null = null) => {
  const { start, end } = historyRange(args, { channelId, head, checkpoint });
  return [start, end];
};

describe('a page of history', () => {
  test('is the newest 50 without arguments', () => {
    expect(page({}, 120)).toEqual([71, 120]);
    expect(page({}, 3)).toEqual([1, 3]);
    expect(page({}, 0)).toEqual([1, 0]);
  });

  test('goes on after and before a place, both exclusive', () => {
    expect(page({ after: cursor(10) }, 120)).toEqual([11, 60]);
    expect(page({ before: cursor(100) }, 120)).toEqual([50, 99]);
    expect(page({ after: cursor(10), first: 5 }, 120)).toEqual([11, 15]);
    expect(page({ before: cursor(100), last: 5 }, 120)).toEqual([95, 99]);
    expect(page({ after: cursor(10), before: cursor(14) }, 120)).toEqual([11, 13]);
    expect(page({ after: cursor(10), before: cursor(14), last: 2 }, 120)).toEqual([12, 13]);
    expect(page({ first: 2 }, 120)).toEqual([1, 2]);
  });

  test('takes event cursors like page cursors', () => {
    const after = encodeEventCursor({ channelId, epoch: 3, seq: 10, rev: 99 });
    expect(page({ after, first: 2 }, 120)).toEqual([11, 12]);
  });

  test('is empty where nothing is, and still lies somewhere', () => {
    expect(page({ after: cursor(120) }, 120)).toEqual([121, 120]);
    expect(page({ after: cursor(500) }, 120)).toEqual([121, 120]);
    expect(page({ before: cursor(1) }, 120)).toEqual([1, 0]);
    expect(page({ after: cursor(7), before: cursor(8) }, 120)).toEqual([8, 7]);
    expect(page({ first: 0, after: cursor(7) }, 120)).toEqual([8, 7]);
    expect(page({ last: 0 }, 120)).toEqual([121, 120]);
  });

  test('is 50 centred on a number, clamped to 1 and head', () => {
    expect(page({ around: 60 }, 120)).toEqual([36, 85]);
    expect(page({ around: 1 }, 120)).toEqual([1, 50]);
    expect(page({ around: -9 }, 120)).toEqual([1, 50]);
    expect(page({ around: 120 }, 120)).toEqual([71, 120]);
    expect(page({ around: 999 }, 120)).toEqual([71, 120]);
    expect(page({ around: 2 }, 3)).toEqual([1, 3]);
    expect(page({ around: 5 }, 0)).toEqual([1, 0]);
  });

  test('is centred on the checkpoint while something is unread', () => {
    expect(page({ aroundUnread: true }, 120, 60)).toEqual([36, 85]);
    expect(page({ aroundUnread: true }, 120, 0)).toEqual([1, 50]);
    expect(page({ aroundUnread: true }, 120, 120)).toEqual([71, 120]);
    expect(page({ aroundUnread: true }, 120, null)).toEqual([71, 120]);
  });

  test.each<[string, HistoryArgs]>([
    ['first with last', { first: 1, last: 1 }],
    ['negative first', { first: -1 }],
    ['negative last', { last: -1 }],
    ['more than 200', { first: 201 }],
    ['around with first', { around: 5, first: 5 }],
    ['around with before', { around: 5, before: cursor(9) }],
    ['around with aroundUnread', { around: 5, aroundUnread: true }],
    ['aroundUnread with last', { aroundUnread: true, last: 5 }],
    ["another channel's cursor", { after: encodePageCursor(uuidv7(2), 5) }],
    ['no cursor at all', { before: 'bm8=' }],
  ])('refuses %s', (_, args) => {
    expect(() => page(args, 120)).toThrow(expect.objectContaining({ code: 'BAD_USER_INPUT' }));
  });

  test('walks every message once, in order, from either end', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.integer({ min: 1, max: 40 }), (head, size) => {
        const all = Array.from({ length: head }, (_, i) => i + 1);
        const forward: number[] = [];
        for (let after = 0; ; ) {
          const { start, end } = historyRange(
            { first: size, after: cursor(after) },
            { channelId, head, checkpoint: null },
          );
          for (let seq = start; seq <= end; seq += 1) forward.push(seq);
          if (end >= head) break;
          after = end;
        }
        const backward: number[] = [];
        for (let before = head + 1; before > 1; ) {
          const { start, end } = historyRange(
            { last: size, before: cursor(before) },
            { channelId, head, checkpoint: null },
          );
          for (let seq = end; seq >= start; seq -= 1) backward.unshift(seq);
          before = start;
        }
        expect(forward).toEqual(all);
        expect(backward).toEqual(all);
      }),
    );
  });
});
