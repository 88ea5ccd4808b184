/** What a scenario came to: figures of both sides, and whether the ratios are as promised. */
import { median } from '../measure.ts';
import { figure, ratio } from '../table.ts';
import { type Figures, medians } from './alternate.ts';
import { type Goal, isReached, ratioOf, type Scenario } from './scenarios.ts';

export interface Outcome {
  readonly store: string;
  readonly scenario: string;
  readonly what: string;
  /** Medians of the rounds. */
  readonly sides: readonly { readonly name: string; readonly figures: Figures }[];
  readonly goals: readonly (Goal & { readonly ratio: number; readonly isReached: boolean })[];
  /** Second side to the first, throughput. */
  readonly throughput: number;
  readonly rounds: readonly (readonly Figures[])[];
}

export function outcomeOf(
  store: string,
  { name, what, runners, goals }: Scenario,
  rounds: readonly (readonly Figures[])[],
): Outcome {
  const of = (wanted: Goal['figure']): number => median(rounds.map((round) => ratioOf(round, wanted)));
  return {
    store,
    scenario: name,
    what,
    sides: runners.map((runner, side) => ({
      name: runner.name,
      figures: medians(rounds.flatMap((round) => round[side] ?? [])),
    })),
    goals: goals.map((goal) => {
      const reached = of(goal.figure);
      return { ...goal, ratio: reached, isReached: isReached(reached, goal) };
    }),
    throughput: of('perSecond'),
    rounds,
  };
}

export const HEAD = [
  'what',
  'by',
  'a second',
  'p50 ms',
  'p99 ms',
  'CPU µs',
  'store’s',
  '×',
  'promised',
] as const;

/** A line for each side; the second one's says how they compare. */
export const rowsOf = ({ what, sides, goals, throughput }: Outcome): string[][] =>
  sides.map(({ name, figures }, side) => [
    what,
    name,
    figure(figures.perSecond),
    figure(figures.p50Ms),
    figure(figures.p99Ms),
    figure(figures.clientCpuMicros),
    figure(figures.storeCpuMicros),
    side === 0 ? '' : ratio(throughput),
    side === 0 ? '' : goals.map(said).join('; '),
  ]);

const words = { perSecond: 'throughput', p50Ms: 'p50', p99Ms: 'p99' } as const;

function said({ figure: of, atLeast, atMost, ratio: reached, isReached }: Outcome['goals'][number]): string {
  const bound = atLeast === undefined ? `≤ ×${atMost}` : `≥ ×${atLeast}`;
  return `${words[of]} ${bound}: ${ratio(reached)}${isReached ? '' : ' MISSED'}`;
}
