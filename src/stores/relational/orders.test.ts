/** Places in keys come back from clients: only texts that a list's own values have are read. */
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { byHighest, byInstant, byNameKey } from './orders.ts';

const instant = byInstant('t', sql.ref('at'), false);
const highest = byHighest('t', sql.ref('score'));
const name = byNameKey('t', sql.ref('name_key'));

test.each(['0', '1795418207314', '253402300799999'])('an instant of %s', (text) => {
  expect(instant.fromText(text)).not.toBeNull();
});

test.each(['', 'NaN', '1.5', '-1', '1e3', '01', ' 1', '253402300800000', '99999999999999999999', 'now'])(
  'no instant of %j',
  (text) => {
    expect(instant.fromText(text)).toBeNull();
  },
);

test.each(['-Infinity', '0', '2968.630987654321', '-3.25', '1e+21'])('a score of %s', (text) => {
  expect(highest.fromText(text)).not.toBeNull();
});

test.each([
  '',
  'NaN',
  '2968.6309876543207',
  'nope',
  '1e5',
  '01',
  '1.50',
  '1.',
  ' 1',
  '0x1',
  '1,5',
  '12345678901234567890',
])('no score of %j', (text) => {
  expect(highest.fromText(text)).toBeNull();
});

test('a name holds anything but what the database cannot', () => {
  expect(name.fromText('')).not.toBeNull();
  expect(name.fromText("'); drop.table")).not.toBeNull();
  expect(name.fromText('a\0b')).toBeNull();
  expect(name.fromText('\ud800')).toBeNull();
});
