/** PGlite that keeps what it prepared answers as PGlite itself does. */
import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PreparedPGlite } from './prepared-pglite.ts';

// In memory; the first start takes some seconds of CPU.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let prepared: PreparedPGlite;
let plain: PGlite;
beforeAll(async () => {
  prepared = new PreparedPGlite();
  plain = new PGlite();
  await Promise.all([prepared.waitReady, plain.waitReady]);
});
beforeEach(async () => {
  for (const db of [prepared, plain]) {
    await db.exec('drop table if exists t; create table t (id int primary key, name text)');
  }
});
afterAll(() => Promise.all([prepared.close(), plain.close()]));

const ALL = 'select * from t order by id';

test.each([
  ['numbers', 'select $1::int as a, $2::bigint as b, $3::double precision as c', [1, 2 ** 40, 1.5]],
  ['text', 'select $1::text as a', ["it's \\ é🎉"]],
  ['nothing', 'select $1::text as a, $2::uuid[] as b', [null, null]],
  ['truth', 'select $1::boolean as a, $2::boolean as b', [true, false]],
  ['times', 'select $1::timestamptz as a', [new Date(1_800_000_000_123)]],
  ['JSON', 'select $1::jsonb as a', [{ b: [1, null, 'x'] }]],
  [
    'lists',
    'select $1::uuid[] as a, $2::bigint[] as b, $3::text[] as c',
    [['0195d3a0-0000-7000-8000-000000000001'], [1, 2], ['a,b', '"', '']],
  ],
  ['no row', 'select 1 as a where false', []],
])('%s', async (_, text, params) => {
  const expected = await plain.query(text, params);
  // Prepared, and known.
  for (let i = 0; i < 2; i++) expect(await prepared.query(text, params)).toEqual(expected);
});

test('rows written are counted', async () => {
  const text = 'insert into t select n, $1 from generate_series(1, 3) n';
  const [one, two] = [await prepared.query(text, ['a']), await plain.query(text, ['a'])];
  expect(one.affectedRows).toBe(3);
  expect(one).toEqual(two);
});

test('a refused statement is told as before, and the next one goes on', async () => {
  const insert = 'insert into t values ($1, $2)';
  for (const [text, params] of [
    [insert, [1, 'b']],
    ['select nonsense', []],
    ['selec', []],
  ] as const) {
    await prepared.query('delete from t');
    await plain.query('delete from t');
    for (const db of [prepared, plain]) await db.query(insert, [1, 'a']);
    const codeOf = (db: PGlite) =>
      db.query(text, [...params]).then(
        () => 'none',
        (error: { code: string }) => error.code,
      );
    const code = await codeOf(prepared);
    expect(code).toBe(await codeOf(plain));
    expect(code).toMatch(/^[0-9A-Z]{5}$/);
    expect((await prepared.query(ALL)).rows).toEqual([{ id: 1, name: 'a' }]);
  }
});

test('a table that has changed since is read as it is', async () => {
  await prepared.query('insert into t values (1, $1)', ['a']);
  await prepared.query(ALL);
  await prepared.exec('alter table t add column more int default 5');
  expect((await prepared.query(ALL)).rows).toEqual([{ id: 1, name: 'a', more: 5 }]);
});

test('a table that changes within a transaction is read as it is, and as it was when that is rolled back', async () => {
  await prepared.query(ALL);
  const undone = prepared.transaction(async (tx) => {
    await tx.query(ALL);
    await tx.query('alter table t add column more int default 5');
    await tx.query("insert into t values (1, 'a')");
    expect((await tx.query(ALL)).rows).toEqual([{ id: 1, name: 'a', more: 5 }]);
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  await prepared.query('insert into t values (2, $1)', ['b']);
  expect((await prepared.query(ALL)).rows).toEqual([{ id: 2, name: 'b' }]);
});

test('a transaction is whole or nothing, and others wait for it', async () => {
  const insert = 'insert into t values ($1, $2)';
  const failing = prepared.transaction(async (tx) => {
    await tx.query(insert, [1, 'a']);
    await tx.query(insert, [1, 'again']);
  });
  await expect(failing).rejects.toMatchObject({ code: '23505' });
  const { promise: may, resolve: go } = Promise.withResolvers<void>();
  const open = prepared.transaction(async (tx) => {
    await tx.query(insert, [2, 'b']);
    await may;
    return (await tx.query(ALL)).rows;
  });
  const outside = prepared.query(ALL);
  go();
  expect(await open).toEqual([{ id: 2, name: 'b' }]);
  expect((await outside).rows).toEqual([{ id: 2, name: 'b' }]);
});

test('what is kept is bounded, and what was forgotten works again', async () => {
  for (let i = 0; i < 250; i++) {
    expect((await prepared.query(`select ${i} as n, $1::int as m`, [i])).rows).toEqual([{ n: i, m: i }]);
  }
  const { rows } = await prepared.query<{ n: number }>(
    'select count(*)::int as n from pg_prepared_statements',
  );
  expect(rows[0]?.n).toBeLessThanOrEqual(201);
  expect((await prepared.query('select 0 as n, $1::int as m', [0])).rows).toEqual([{ n: 0, m: 0 }]);
});
