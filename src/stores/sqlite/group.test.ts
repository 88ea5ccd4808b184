import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { answerGroup } from './group.ts';
import type { Call } from './protocol.ts';
import { prepareSchema } from './schema.ts';
import { LogTables } from './tables.ts';

const BUCKET_SIZE = 8;

const open = () => {
  const db = new DatabaseSync(':memory:');
  prepareSchema(db, BUCKET_SIZE);
  const tables = new LogTables(db, 'messages', BUCKET_SIZE);
  const answer = (call: Call) => {
    if (call.log === 'projections') throw new Error('these tests ask for none');
    return { answer: tables.answer(call) };
  };
  const executed: string[] = [];
  const failing = new Set<string>();
  /** The database, with what it was told to do, and failing where it should. */
  const watched = {
    exec: (sql: string) => {
      executed.push(sql);
      if (failing.has(sql)) throw new Error(`${sql} failed`);
      db.exec(sql);
    },
    get isTransaction() {
      return db.isTransaction;
    },
  };
  return { db: watched, answer, executed, failing };
};

const append = (channelId: string, seq = 1): Call => ({
  log: 'messages',
  method: 'append',
  args: {
    ref: ['o', channelId, 0],
    expectedLast: seq === 1 ? null : seq - 1,
    rows: [[seq, 1_000, `author/${seq}`, 'author', `${seq}`, 'text', null, null, null]],
  },
});
const state = (channelId: string): Call => ({
  log: 'messages',
  method: 'states',
  args: { refs: [['o', channelId, 0]] },
});

describe('a group of calls', () => {
  test('is written in one transaction, and answered in the order asked', () => {
    const { db, answer, executed } = open();
    const replies = answerGroup(db, answer, [append('a'), state('a'), append('b'), append('a', 5)]);
    expect(replies).toEqual([
      { answer: null },
      { answer: [null] },
      { answer: null },
      { answer: [[1, 1_000, null, null, null], []] },
    ]);
    expect(executed.filter((sql) => sql === 'COMMIT')).toHaveLength(1);
    expect(answerGroup(db, answer, [state('a'), state('b')])).toEqual([
      { answer: [[1, 1_000, null, null, null]] },
      { answer: [[1, 1_000, null, null, null]] },
    ]);
  });

  test('of reads alone writes nothing', () => {
    const { db, answer, executed } = open();
    answerGroup(db, answer, [state('a')]);
    expect(executed).toEqual([]);
  });

  test('keeps the neighbours of a write that fails', () => {
    const { db, answer } = open();
    const fail = append('bad');
    const replies = answerGroup(
      db,
      (call) => {
        const done = answer(call);
        if (call === fail) throw new Error('cannot take this');
        return done;
      },
      [append('a'), fail, append('b')],
    );
    expect(replies).toEqual([
      { answer: null },
      { failed: 'refused', message: 'cannot take this' },
      { answer: null },
    ]);
    expect(answerGroup(db, answer, [state('a'), state('bad'), state('b')])).toEqual([
      { answer: [[1, 1_000, null, null, null]] },
      { answer: [null] },
      { answer: [[1, 1_000, null, null, null]] },
    ]);
  });

  test('of one write that fails leaves nothing of it, and is done again as if it had never been', () => {
    const { db, answer, executed } = open();
    const fail = () => {
      answer(append('a'));
      throw new Error('cannot take this');
    };
    expect(answerGroup(db, fail, [append('a')])).toEqual([
      { failed: 'refused', message: 'cannot take this' },
    ]);
    expect(db.isTransaction).toBe(false);
    expect(answerGroup(db, answer, [append('a')])).toEqual([{ answer: null }]);
    expect(executed).toEqual(['BEGIN IMMEDIATE', 'ROLLBACK', 'BEGIN IMMEDIATE', 'COMMIT']);
  });

  test('that cannot begin has certainly done nothing', () => {
    const { db, answer, failing } = open();
    failing.add('BEGIN IMMEDIATE');
    expect(answerGroup(db, answer, [append('a')])).toEqual([
      { failed: 'refused', message: 'BEGIN IMMEDIATE failed' },
    ]);
  });

  test('whose commit fails may have been kept all the same', () => {
    const { db, answer, failing } = open();
    failing.add('COMMIT');
    const replies = answerGroup(db, answer, [append('a'), state('a')]);
    expect(replies).toEqual([{ failed: 'unknown', message: 'COMMIT failed' }, { answer: [null] }]);
    failing.clear();
    expect(db.isTransaction).toBe(false);
    expect(answerGroup(db, answer, [append('a')])).toEqual([{ answer: null }]);
  });
});
