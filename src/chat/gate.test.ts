/** How many are let through, in which order, and what happens when one of them fails. */
import { expect, test } from 'vitest';
import { Gate } from './gate.ts';

test('no more than its places are inside; the others follow in their order, also after one that fails', async () => {
  const gate = new Gate(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 4 }, () => Promise.withResolvers<number>());
  const runs = ends.map(({ promise }, i) =>
    gate.run(() => {
      begun.push(i);
      return promise;
    }),
  );
  const settled = Promise.allSettled(runs);
  expect(begun).toEqual([0, 1]);
  ends[1]?.reject(new Error('no'));
  await expect(runs[1]).rejects.toThrow('no');
  await expect.poll(() => begun).toEqual([0, 1, 2]);
  for (const [i, { resolve }] of ends.entries()) resolve(i);
  expect((await settled).map(({ status }) => status)).toEqual([
    'fulfilled',
    'rejected',
    'fulfilled',
    'fulfilled',
  ]);
  expect(begun).toEqual([0, 1, 2, 3]);
  // All places are free again.
  const again = [4, 5].map((i) => gate.run(async () => begun.push(i)));
  expect(begun.slice(4)).toEqual([4, 5]);
  await Promise.all(again);
});
