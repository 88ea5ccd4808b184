import { describe, expect, test } from 'vitest';
import { MarkReader, markedText, SeqReader } from './mark.ts';
import { MEASURED, PROBE } from './orders.ts';

const frame = (text: string, seq: number): Buffer =>
  Buffer.from(JSON.stringify({ type: 'next', payload: { seq, text }, id: 'a' }));

describe('marks', () => {
  test('a message is found again in whatever carries it, wherever the last one stood', () => {
    const marks = new MarkReader();
    for (const before of ['', 'some other text ~ with a tilde ', '', 'x'.repeat(70)]) {
      const bytes = Buffer.from(before + markedText(MEASURED, 42, 200));
      expect(marks.read(bytes, 0, bytes.length)).toBe(true);
      expect([String.fromCharCode(marks.kind), marks.number]).toEqual([MEASURED, 42]);
      expect(marks.sentMicros).toBeGreaterThan(0);
    }
  });

  test('only within the frame', () => {
    const marks = new MarkReader();
    const other = Buffer.from('{"type":"ping"}');
    const both = Buffer.concat([other, Buffer.from(markedText(PROBE, 1, 100))]);
    expect(marks.read(both, 0, other.length)).toBe(false);
    expect(marks.read(both, other.length, both.length)).toBe(true);
  });

  test('a text is as long as asked for', () => {
    expect(markedText(MEASURED, 9_999_999, 200)).toHaveLength(200);
  });

  test("the server's number is read whatever its length", () => {
    const seqs = new SeqReader();
    for (const seq of [7, 12_345, 8, 999]) {
      const bytes = frame('hello', seq);
      expect(seqs.read(bytes, 0, bytes.length)).toBe(seq);
    }
    const none = Buffer.from('{"type":"next"}');
    expect(seqs.read(none, 0, none.length)).toBe(-1);
  });
});
