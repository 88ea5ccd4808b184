/** Which tables a statement may write, and that a write counts from before it is made until it has ended. */
import { expect, test } from 'vitest';
import { KEPT_TABLES, tablesWritten, Writes } from './writes.ts';

test.each([
  ['select * from users', []],
  [' ( select 1 )', []],
  ['select id from "channels" order by "id" for no key update', []],
  ['select memberships.* from memberships for update of memberships', []],
  ['select updated_at, deleted from users', []],
  ['insert into outbox (id) select id from users', []],
  ['insert into "users" (id) values ($1) on conflict do update set name = $2', ['users']],
  ['update memberships set checkpoint = moved.checkpoint from unnest($1) as moved', ['memberships']],
  ['UPDATE\n "channels" SET name = $1', ['channels']],
  ['delete from only memberships where id = $1', ['memberships']],
  ['with gone as (delete from users returning *) select * from gone', ['users']],
  [
    'with a as (update users set name = $1), b as (insert into channels values ($2)) select 1',
    ['users', 'channels'],
  ],
])('%s', (statement, tables) => {
  expect(tablesWritten(statement)).toEqual(tables);
});

test.each([
  'update public.users set name = $1',
  'update "public"."users" set name = $1',
  'update /* all */ users set name = $1',
  'update some_view set name = $1',
  'update "Users" set name = $1',
  'with a as (update users set name = $1), b as (delete from /**/ channels) select 1',
  'truncate users',
  'alter table users add column more int',
  'do $$ begin delete from users; end $$',
  'explain analyze delete from users',
  'savepoint one',
  '/* a comment first */ update users set name = $1',
])('%s may write anything', (statement) => {
  expect(tablesWritten(statement)).toEqual(KEPT_TABLES);
});

test('a table has no version while something writes to it, and another one afterwards', () => {
  const writes = new Writes();
  const before = writes.version('users');
  const ends = [writes.begin(['users']), writes.begin(['users', 'channels'])];
  expect(writes.version('users')).toBeNull();
  ends[0]?.();
  expect(writes.version('users')).toBeNull();
  ends[1]?.();
  expect(writes.version('users')).not.toBe(before);
  expect(writes.version('users')).not.toBeNull();
  expect(writes.version('memberships')).toBe(new Writes().version('memberships'));
});
