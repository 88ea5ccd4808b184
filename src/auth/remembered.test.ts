import { beforeEach, expect, test, vi } from 'vitest';
import { forbidden, unavailable } from '../chat/errors.ts';
import { Remembered } from './remembered.ts';

let now = 0;
const clock = { now: () => now };
const patience = { capacity: 3, freshMs: 1_000, staleMs: 60_000, patienceMs: 20 };
const make = () => new Remembered<string>(patience, clock);
const down = () => Promise.reject(unavailable('database'));

beforeEach(() => {
  now = 1_000_000;
});

test('asks once while the answer is fresh, and again afterwards', async () => {
  const remembered = make();
  const ask = vi.fn(async () => `answer ${ask.mock.calls.length}`);
  expect(await remembered.get('a', ask)).toBe('answer 1');
  now += 999;
  expect(await remembered.get('a', ask)).toBe('answer 1');
  now += 1;
  expect(await remembered.get('a', ask)).toBe('answer 2');
});

test('callers of one key at one time share one question', async () => {
  const remembered = make();
  const { promise, resolve } = Promise.withResolvers<string>();
  const ask = vi.fn(() => promise);
  const all = [remembered.get('a', ask), remembered.get('a', ask), remembered.get('a', ask)];
  resolve('one');
  expect(await Promise.all(all)).toEqual(['one', 'one', 'one']);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('an old answer stands in while the store fails, but not for ever', async () => {
  const remembered = make();
  await remembered.get('a', async () => 'old');
  now += 5_000;
  expect(await remembered.get('a', down)).toBe('old');
  now += 60_000;
  await expect(remembered.get('a', down)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a store that failed is left alone for a moment', async () => {
  const remembered = make();
  await remembered.get('a', async () => 'old');
  now += 5_000;
  await remembered.get('a', down);
  const ask = vi.fn(async () => 'new');
  expect(await remembered.get('a', ask)).toBe('old');
  expect(ask).not.toHaveBeenCalled();
  now += patience.patienceMs;
  expect(await remembered.get('a', ask)).toBe('new');
});

test('a clock that is set back keeps no answer fresh, and leaves no store alone, for longer than before', async () => {
  const remembered = make();
  await remembered.get('a', async () => 'old');
  now -= 3_600_000;
  expect(remembered.fresh('a')).toBeUndefined();
  expect(await remembered.get('a', down)).toBe('old');
  now -= 3_600_000;
  expect(await remembered.get('a', async () => 'new')).toBe('new');
});

test('a store that hangs is not waited for while an old answer is at hand', async () => {
  const remembered = make();
  await remembered.get('a', async () => 'old');
  now += 5_000;
  const { promise, resolve } = Promise.withResolvers<string>();
  expect(await remembered.get('a', () => promise)).toBe('old');
  resolve('late');
  await promise;
  await vi.waitFor(async () => expect(await remembered.get('a', down)).toBe('late'));
});

test('a refusal is an answer: nothing stands in for it', async () => {
  const remembered = make();
  await remembered.get('a', async () => 'old');
  now += 5_000;
  await expect(remembered.get('a', () => Promise.reject(forbidden('no')))).rejects.toMatchObject({
    code: 'FORBIDDEN',
  });
});

test('the least recently used answer goes first, and what never had one takes no place', async () => {
  const remembered = make();
  const ask = vi.fn(async () => 'x');
  for (const key of ['a', 'b', 'c']) await remembered.get(key, ask);
  await remembered.get('a', ask);
  await expect(remembered.get('bad', down)).rejects.toThrow();
  await remembered.get('d', ask);
  ask.mockClear();
  for (const key of ['d', 'a']) await remembered.get(key, ask);
  expect(ask).not.toHaveBeenCalled();
  await remembered.get('b', ask);
  expect(ask).toHaveBeenCalledTimes(1);
});

test('however many have no answer, while they are asked for and after, the answers that are there stay', async () => {
  const remembered = make();
  for (const key of ['a', 'b', 'c']) await remembered.get(key, async () => key);
  const refused = Array.from({ length: 10 }, (_, n) => remembered.get(`bad ${n}`, down));
  await Promise.allSettled(refused);
  for (const key of ['a', 'b', 'c']) expect(remembered.fresh(key)).toBe(key);
});

test('a fresh answer is there at once; looking at it asks nobody and keeps nothing', async () => {
  const remembered = make();
  expect(remembered.fresh('a')).toBeUndefined();
  for (const key of ['a', 'b', 'c']) await remembered.get(key, async () => key);
  expect(remembered.fresh('a')).toBe('a');
  await remembered.get('d', async () => 'd');
  expect(remembered.fresh('a')).toBeUndefined();
  now += patience.freshMs;
  expect(remembered.fresh('b')).toBeUndefined();
});
