import { expect, test } from 'vitest';
import { affinityScore } from './affinity.ts';

const week = 7 * 24 * 60 * 60 * 1000;
const kept = { affinity: 8, affinityAt: new Date(0) };

test('the score halves every 7 days', () => {
  expect(affinityScore(kept, 0)).toBe(8);
  expect(affinityScore(kept, week)).toBe(4);
  expect(affinityScore(kept, 3 * week)).toBe(1);
});

test('a clock that runs behind does not raise it', () => {
  expect(affinityScore(kept, -week)).toBe(8);
});
