import { expect, test } from 'vitest';
import { alternate, type Figures, turnsOf } from './alternate.ts';
import { outcomeOf, rowsOf } from './outcome.ts';
import type { Runner } from './runner.ts';
import type { Goal, Scenario } from './scenarios.ts';

const figures = (perSecond: number, p99Ms: number): Figures => ({
  perSecond,
  p50Ms: 1,
  p99Ms,
  clientCpuMicros: 1,
  storeCpuMicros: Number.NaN,
});

const runner = (name: string): Runner => ({
  name,
  run: async () => ({ latencies: [1, 2, 3, 4], seconds: 2, clientCpuMicros: 40 }),
});

const scenario = (goals: readonly Goal[]): Scenario => ({
  name: 'hot',
  what: 'one channel',
  runners: [runner('plain'), runner('append')],
  goals,
});

test('ratios are taken within a round: a machine that slows down between rounds changes none', () => {
  const rounds = [
    [figures(1_000, 10), figures(900, 20)],
    [figures(100, 100), figures(90, 200)],
    [figures(500, 20), figures(450, 40)],
  ];
  const outcome = outcomeOf(
    'Cassandra',
    scenario([
      { figure: 'perSecond', atLeast: 0.9 },
      { figure: 'p99Ms', atMost: 1.9 },
    ]),
    rounds,
  );
  expect(outcome.throughput).toBeCloseTo(0.9);
  expect(outcome.goals.map(({ ratio, isReached }) => [ratio, isReached])).toEqual([
    [0.9, true],
    [2, false],
  ]);
  expect(outcome.sides.map((side) => side.figures.perSecond)).toEqual([500, 450]);
  expect(rowsOf(outcome)[1]?.at(-1)).toBe('throughput ≥ ×0.9: ×0.90; p99 ≤ ×1.9: ×2.00 MISSED');
});

test('a ratio that is not known is not reached', () => {
  const outcome = outcomeOf('Cassandra', scenario([{ figure: 'perSecond', atLeast: 0 }]), [
    [figures(Number.NaN, 1), figures(1, 1)],
  ]);
  expect(outcome.goals[0]?.isReached).toBe(false);
});

test('sides take turns, and the first turn of each does not count', async () => {
  const told: string[] = [];
  let storeCpu = 0;
  const turns = {
    rounds: 2,
    seconds: 2,
    warmUpSeconds: 1,
    signal: new AbortController().signal,
    onTurn: (name: string) => told.push(name),
    storeCpuMicros: () => (storeCpu += 8),
  };
  const rounds = await alternate(scenario([]).runners, turns);
  expect(told).toEqual(['plain', 'append', 'plain', 'append', 'plain', 'append']);
  expect(told).toHaveLength(turnsOf(2, turns));
  expect(rounds).toHaveLength(2);
  expect(rounds[0]?.[0]).toEqual({
    perSecond: 2,
    p50Ms: 3,
    p99Ms: 4,
    clientCpuMicros: 10,
    storeCpuMicros: 2,
  });
});
