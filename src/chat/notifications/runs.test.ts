import fc from 'fast-check';
import { expect, test } from 'vitest';
import { knownUpTo, Runs } from './runs.ts';

const numbersOf = (runs: Runs): readonly number[] =>
  runs.list.flatMap(({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i));

test('numbers in any order are the same numbers, in runs that do not touch', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 30 })), fc.nat(30), (numbers, upTo) => {
      const runs = new Runs();
      for (const number of numbers) runs.add(number);
      const sorted = [...new Set(numbers)].toSorted((a, b) => a - b);
      expect(numbersOf(runs)).toEqual(sorted);
      for (const [i, { from }] of runs.list.entries())
        if (i > 0) expect(from).toBeGreaterThan((runs.list[i - 1]?.to ?? 0) + 1);
      runs.dropUpTo(upTo);
      expect(numbersOf(runs)).toEqual(sorted.filter((number) => number > upTo));
    }),
  );
});

test('what is known reaches to the first number that is missing', () => {
  const numbers = fc.array(fc.integer({ min: 1, max: 20 }));
  fc.assert(
    fc.property(numbers, numbers, fc.nat(20), fc.nat(20), (alone, inRuns, from, most) => {
      const runs = new Runs();
      for (const number of inRuns) runs.add(number);
      const all = new Set([...alone, ...inRuns]);
      let expected = from;
      while (expected < most && all.has(expected + 1)) expected += 1;
      expect(knownUpTo(from, Math.max(from, most), new Set(alone), runs.list)).toBe(expected);
    }),
  );
});

test('ten thousand in order are one run, and too many runs are forgotten', () => {
  const runs = new Runs();
  for (let number = 1; number <= 10_000; number++) runs.add(number);
  expect(runs.list).toEqual([{ from: 1, to: 10_000 }]);
  for (let number = 10_002; number <= 12_000; number += 2) runs.add(number);
  expect(runs.list.length).toBeLessThanOrEqual(512);
});
