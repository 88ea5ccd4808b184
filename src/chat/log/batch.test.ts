import { describe, expect, test } from 'vitest';
import { nextBatch } from './batch.ts';
import type { MessageEntry } from './entries.ts';
import { freshChannel } from './log-store.contract.ts';
import { PendingSend } from './pending-send.ts';
import { Position } from './position.ts';
import { messageSend } from './testing/sends.ts';

const noDeadlines = { add: () => undefined, delete: () => undefined };

const channel = freshChannel();
const limits = { batchRows: 3, batchBytes: 1_000 };

const pending = (
  searched: number | null,
  changes: { bytes?: number; at?: number; sendKey?: string } = {},
) => {
  const send = new PendingSend<MessageEntry>(
    { ...messageSend('x'), ...changes },
    noDeadlines,
    () => undefined,
  );
  send.searched = searched;
  return send;
};
const at = (head: number, size = 8): Position => {
  const position = new Position(size);
  position.moveTo(head, 500);
  return position;
};

describe('a batch', () => {
  test('numbers what waits from the head on, up to the limit', () => {
    const sends = [pending(0), pending(0), pending(0), pending(0)];
    const next = nextBatch(channel, at(2), sends, limits, 700);
    expect(next?.batch).toMatchObject({ channel, bucket: 0, expectedLast: 2 });
    expect(next?.batch.rows.map(({ seq, at }) => [seq, at])).toEqual([
      [3, 700],
      [4, 700],
      [5, 700],
    ]);
    expect(next?.sends).toEqual(sends.slice(0, 3));
  });

  test('ends with its bucket', () => {
    expect(nextBatch(channel, at(7), [pending(0), pending(0)], limits, 700)?.batch.rows).toHaveLength(1);
    const begun = nextBatch(channel, at(8), [pending(1), pending(1)], limits, 700);
    expect(begun?.batch).toMatchObject({ bucket: 1, expectedLast: null });
    expect(begun?.batch.rows.map(({ seq }) => seq)).toEqual([9, 10]);
  });

  test('takes only sends that were searched up to its bucket', () => {
    const [ready, behind, fresh] = [pending(1), pending(0), pending(null)];
    expect(nextBatch(channel, at(8), [behind, fresh, ready], limits, 700)?.sends).toEqual([ready]);
    expect(nextBatch(channel, at(8), [behind, fresh], limits, 700)).toBeNull();
    expect(nextBatch(channel, at(8), [], limits, 700)).toBeNull();
  });

  test('keeps to its bytes, but never waits for ever with one that is larger', () => {
    const sends = [pending(0, { bytes: 600 }), pending(0, { bytes: 401 }), pending(0, { bytes: 10 })];
    expect(nextBatch(channel, at(0), sends, limits, 700)?.sends).toEqual(sends.slice(0, 1));
    const large = [pending(0, { bytes: 5_000 }), pending(0, { bytes: 1 })];
    expect(nextBatch(channel, at(0), large, limits, 700)?.sends).toEqual(large.slice(0, 1));
  });

  test('gives times that never run backwards, within it and after what was before', () => {
    const sends = [pending(0, { at: 100 }), pending(0, { at: 900 }), pending(0, { at: 600 })];
    expect(nextBatch(channel, at(1), sends, limits, 700)?.batch.rows.map((row) => row.at)).toEqual([
      500, 900, 900,
    ]);
    expect(nextBatch(channel, at(1), [pending(0)], limits, 300)?.batch.rows[0]?.at).toBe(500);
  });

  test('is never made with a key twice', () => {
    const twice = [pending(0, { sendKey: 'a/1' }), pending(0, { sendKey: 'a/1' })];
    expect(() => nextBatch(channel, at(0), twice, limits, 700)).toThrow('a key twice');
  });
});
