import { expect, test } from 'vitest';
import { Turns } from './turns.ts';

/** Work that ends when it is told to. */
function works() {
  const begun: { end(): void; fail(): void }[] = [];
  const work = (): Promise<number> => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const number = begun.length + 1;
    begun.push({ end: () => resolve(number), fail: () => reject(new Error('failed')) });
    return promise;
  };
  return { begun, work };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('whoever comes during a turn shares the next one, which begins after it, also when it fails', async () => {
  const turns = new Turns<number>();
  const { begun, work } = works();
  const first = turns.take('c', work);
  const others = [turns.take('c', work), turns.take('c', work)];
  await settle();
  expect(begun).toHaveLength(1);
  begun[0]?.fail();
  await expect(first).rejects.toThrow('failed');
  await settle();
  expect(begun).toHaveLength(2);
  const third = turns.take('c', work);
  begun[1]?.end();
  expect(await Promise.all(others)).toEqual([2, 2]);
  await settle();
  begun[2]?.end();
  expect(await third).toBe(3);
  void turns.take('c', work);
  expect(begun, 'nothing is left over').toHaveLength(4);
});

test('names do not wait for each other', async () => {
  const turns = new Turns<number>();
  const { begun, work } = works();
  void turns.take('a', work);
  const b = turns.take('b', work);
  begun[1]?.end();
  expect(await b).toBe(2);
});
