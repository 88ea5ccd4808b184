import { expect, test } from 'vitest';
import { Variants } from './variants.ts';

const question = (key: string) => ({ key });

test('a rendering is found by whoever answers all that was asked for it alike, and by nobody else', () => {
  const variants = new Variants();
  const [one, other] = [{ json: 'one' }, { json: 'other' }];
  variants.learn([question('a'), question('b')]);
  variants.add(
    new Map([
      ['a', 'YES'],
      ['b', 'NO'],
    ]),
    one,
  );
  // A yes to the first led to no further question.
  variants.add(new Map([['a', 'NO']]), other);
  const find = (a: string, b: string) =>
    variants.find(
      new Map([
        ['a', a],
        ['b', b],
      ]),
    );
  expect([find('YES', 'NO'), find('YES', 'YES'), find('NO', 'YES'), find('NO', 'NO')]).toEqual([
    one,
    null,
    other,
    other,
  ]);
  expect(variants.find(new Map())).toBeNull();
  expect(variants.questions).toEqual([question('a'), question('b')]);
});

test('so many are kept, and no more', () => {
  const variants = new Variants();
  const answers = (n: number) => new Map([['who', String(n)]]);
  for (let n = 0; n < 64; n++) {
    expect(variants.isFull).toBe(false);
    variants.add(answers(n), { json: String(n) });
  }
  expect(variants.isFull).toBe(true);
  variants.add(answers(64), { json: '64' });
  expect([variants.find(answers(63)), variants.find(answers(64))]).toEqual([{ json: '63' }, null]);
});

test('so much is asked of everybody, and no more', () => {
  const variants = new Variants();
  variants.learn(Array.from({ length: 255 }, (_, n) => question(String(n))));
  expect(variants.isFull).toBe(false);
  variants.learn([question('one more')]);
  expect(variants.isFull).toBe(true);
});
