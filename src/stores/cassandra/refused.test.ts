import { describe, expect, test } from 'vitest';
import { answerOf } from './refused.ts';

// Rows as the driver gives them: bigints, dates, and null where Cassandra has nothing.
const statics = { '[applied]': false, last: 7n, last_at: new Date(1_700), sealed_at: null };

describe('an answer of Cassandra', () => {
  test('of nothing at all: the bucket is empty', () => {
    expect(answerOf([])).toEqual({ state: null, sends: new Map() });
    // A batch that expected a number of an empty bucket: only the verdict comes back.
    expect(answerOf([{ '[applied]': false }])).toEqual({ state: null, sends: new Map() });
  });

  test('of the statics alone', () => {
    expect(answerOf([{ ...statics, seq: null, send_key: null, sent_seq: null }])).toEqual({
      state: { last: 7, lastAt: 1_700 },
      sends: new Map(),
    });
  });

  test('of a log that was sealed, and of one that is projected', () => {
    const sealed = { ...statics, last: -1n, sealed_at: 7n, sealed_to: 'north', seq: null };
    expect(answerOf([sealed]).state).toEqual({ last: -1, lastAt: 1_700, sealed: { at: 7, to: 'north' } });
    expect(answerOf([{ ...statics, projected: 5n, seq: null }]).state).toEqual({
      last: 7,
      lastAt: 1_700,
      projected: 5,
    });
  });

  test('of every send row that was there, each with the statics', () => {
    expect(
      answerOf([
        { ...statics, seq: 0n, send_key: 'a/1', sent_seq: 3n },
        { ...statics, seq: 0n, send_key: 'a/2', sent_seq: 7n },
      ]),
    ).toEqual({
      state: { last: 7, lastAt: 1_700 },
      sends: new Map([
        ['a/1', 3],
        ['a/2', 7],
      ]),
    });
  });

  test('with a numbered row among them, which is no send', () => {
    const answer = answerOf([{ ...statics, seq: 1n, send_key: '', sent_seq: null }]);
    expect(answer).toEqual({ state: { last: 7, lastAt: 1_700 }, sends: new Map() });
  });

  test('of a log sealed before its first message', () => {
    const answer = answerOf([{ last: -1n, last_at: null, seq: null, send_key: null, sent_seq: null }]);
    expect(answer.state).toEqual({ last: -1, lastAt: 0 });
  });

  test('with a number that JavaScript cannot hold is refused, not rounded', () => {
    expect(() => answerOf([{ ...statics, last: 2n ** 53n }])).toThrow(TypeError);
  });
});
