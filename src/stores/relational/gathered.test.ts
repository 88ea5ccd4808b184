import { setImmediate as turn } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { gathered, type Rounds, roundsOf } from './gathered.ts';

const FREE: Rounds = { atOnce: 4, isRested: false };
const doubled = async (questions: readonly number[]) => questions.map((n) => n * 2);

test('all who ask in one turn share one round, each with its own answer', async () => {
  const ask = vi.fn(doubled);
  const lookup = gathered(FREE, ask);
  expect(await Promise.all([1, 2, 3].map(lookup))).toEqual([2, 4, 6]);
  expect(ask).toHaveBeenCalledExactlyOnceWith([1, 2, 3]);
});

test('who asks while a round is under way is answered by a later one: nothing is older than its question', async () => {
  const rounds: (readonly number[])[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const lookup = gathered({ atOnce: 1, isRested: false }, async (questions: readonly number[]) => {
    rounds.push(questions);
    if (rounds.length === 1) await promise;
    return questions;
  });
  const first = lookup(1);
  await turn();
  const others = [lookup(2), lookup(3)];
  await turn();
  expect(rounds).toEqual([[1]]);
  resolve();
  expect(await Promise.all([first, ...others])).toEqual([1, 2, 3]);
  expect(rounds).toEqual([[1], [2, 3]]);
});

test('a round that hangs does not hold up others, as far as several may be under way', async () => {
  const lookup = gathered(FREE, (questions: readonly number[]) =>
    questions.includes(0) ? new Promise<readonly number[]>(() => undefined) : doubled(questions),
  );
  void lookup(0);
  await turn();
  expect(await lookup(1)).toBe(2);
});

test('what a round throws is told to all who are in it, and to nobody else', async () => {
  const ask = vi.fn(doubled).mockRejectedValueOnce(new Error('away'));
  const lookup = gathered(FREE, ask);
  const told = await Promise.allSettled([lookup(1), lookup(2)]);
  expect(told.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await lookup(3)).toBe(6);
});

test('a round has a bound; the rest goes in the next', async () => {
  const ask = vi.fn(doubled);
  const lookup = gathered(FREE, ask);
  const many = Array.from({ length: 1_200 }, (_, i) => i);
  expect(await Promise.all(many.map(lookup))).toEqual(many.map((n) => n * 2));
  expect(ask.mock.calls.map(([questions]) => questions.length)).toEqual([500, 500, 200]);
});

test('while the database hangs no more wait than there is room for, and who comes then is told so', async () => {
  const { promise: hanging, resolve } = Promise.withResolvers<void>();
  const lookup = gathered({ atOnce: 1, isRested: false }, async (questions: readonly number[]) => {
    await hanging;
    return doubled(questions);
  });
  const first = lookup(1);
  await turn();
  const waiting = Array.from({ length: 20_000 }, (_, i) => lookup(i));
  await expect(lookup(7)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryable: true });
  resolve();
  expect(await first).toBe(2);
  expect((await Promise.all(waiting)).at(-1)).toBe(39_998);
  expect(await lookup(7)).toBe(14);
});

test('one on this thread goes round by round, each carrying what came up in the rest after the one before', async () => {
  const rounds: number[] = [];
  const lookup = gathered(roundsOf({ isEmbedded: true }), async (questions: readonly number[]) => {
    rounds.push(questions.length);
    const until = performance.now() + 4;
    while (performance.now() < until);
    return questions;
  });
  await Promise.all([lookup(0), lookup(1)]);
  const others = [lookup(2)];
  await turn();
  others.push(lookup(3));
  await turn();
  others.push(lookup(4));
  await Promise.all(others);
  expect(rounds).toEqual([2, 3]);
});
