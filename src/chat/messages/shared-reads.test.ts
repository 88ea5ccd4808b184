import { expect, test } from 'vitest';
import { SharedReads } from './shared-reads.ts';

test('who asks for the same while it is read shares the read; afterwards it is read anew', async () => {
  const reads = new SharedReads<number>();
  let made = 0;
  const read = async () => ++made;
  const same = await Promise.all([reads.read('a', read), reads.read('a', read), reads.read('b', read)]);
  expect(same).toEqual([1, 1, 2]);
  expect(await reads.read('a', read)).toBe(3);
});

test('an error is that of those who waited for it, and of nobody after', async () => {
  const reads = new SharedReads<number>();
  const fail = () => Promise.reject(new Error('away'));
  const both = await Promise.allSettled([reads.read('a', fail), reads.read('a', fail)]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await reads.read('a', async () => 1)).toBe(1);
});
