import { describe, expect, test } from 'vitest';
import { kinds, named, planOf, type Step } from './plan.ts';

const steps = (seed: number, count: number): Step[] => {
  const plan = planOf(seed, 1);
  return Array.from({ length: count }, () => plan.next());
};

describe('a plan of faults', () => {
  test('comes again with its seed, and with no other', () => {
    expect(steps(7, 30)).toEqual(steps(7, 30));
    expect(steps(7, 30)).not.toEqual(steps(8, 30));
  });

  test('has every kind once in each round', () => {
    const all = steps(3, 3 * kinds.length).map(({ kind }) => kind);
    for (let round = 0; round < 3; round++) {
      const its = all.slice(round * kinds.length, (round + 1) * kinds.length);
      expect(its.toSorted()).toEqual([...kinds].toSorted());
    }
  });

  test('meets every store, replica and node before long, and sets clocks both ways', () => {
    const all = steps(1, 20 * kinds.length);
    expect(new Set(all.map(({ replica }) => replica)).size).toBe(3);
    expect(new Set(all.map(({ node }) => node)).size).toBe(3);
    const cut = all.filter(({ kind }) => kind === 'store cut off').map(({ store }) => store);
    expect(new Set(cut).size).toBe(3);
    const clocks = all.map(({ clockMs }) => clockMs);
    expect(Math.min(...clocks)).toBeLessThan(-20_000);
    expect(Math.max(...clocks)).toBeGreaterThan(20_000);
    expect(clocks.every((ms) => Math.abs(ms) >= 20_000)).toBe(true);
  });

  test('is short in a short run, and says what comes', () => {
    const plan = planOf(1, 0.25);
    for (const { kind } of steps(1, kinds.length)) {
      const step = plan.next();
      expect(step.kind).toBe(kind);
      expect(step.lastsMs).toBeLessThan(5_000);
      expect(named(step)).toContain(kind);
    }
  });
});
