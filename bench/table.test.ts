import { expect, test } from 'vitest';
import { figure, ratio, table } from './table.ts';

test('a table has words on the left, numbers on the right', () => {
  expect(
    table(
      ['what', 'sends/s'],
      [
        ['bare', figure(12_345)],
        ['log', figure(987.6)],
      ],
    ),
  ).toBe(['| what | sends/s |', '| ---- | ------: |', '| bare |  12,300 |', '| log  |     988 |'].join('\n'));
});

test('what is not known is a dash', () => {
  expect([figure(Number.NaN), ratio(Number.NaN), ratio(1 / 3)]).toEqual(['—', '—', '×0.33']);
});
