/**
 * Runs the sides of a scenario in turns (A B A B), so that whatever else the machine does falls on all alike. Ratios
 * are taken within a round, of sides that ran right after each other, and the median of the rounds is reported.
 */
import { median, quantile } from '../measure.ts';
import type { Runner } from './runner.ts';

export interface Figures {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly clientCpuMicros: number;
  /** Of the store's own processes; NaN where they cannot be read. */
  readonly storeCpuMicros: number;
}

export interface Turns {
  readonly rounds: number;
  readonly seconds: number;
  /** Thrown away: compilers and caches are still cold. */
  readonly warmUpSeconds: number;
  readonly signal: AbortSignal;
  onTurn(runner: string): void;
  /** Microseconds of CPU that the store has used so far; NaN where that cannot be read. */
  storeCpuMicros(): number;
}

/** Turns that `alternate` tells of. */
export const turnsOf = (runners: number, { rounds }: Pick<Turns, 'rounds'>): number => runners * (rounds + 1);

/** The figures of each round, each with one entry for each runner in the order given. */
export async function alternate(runners: readonly Runner[], turns: Turns): Promise<readonly Figures[][]> {
  const rounds: Figures[][] = [];
  for (let i = 0; i <= turns.rounds; i++) {
    const figures: Figures[] = [];
    for (const runner of runners) {
      turns.onTurn(runner.name);
      figures.push(await oneTurn(runner, i === 0 ? turns.warmUpSeconds : turns.seconds, turns));
    }
    if (i > 0) rounds.push(figures);
  }
  return rounds;
}

async function oneTurn(runner: Runner, length: number, turns: Turns): Promise<Figures> {
  const storeBefore = turns.storeCpuMicros();
  const { latencies, seconds, clientCpuMicros } = await runner.run(length, turns.signal);
  return {
    perSecond: latencies.length / seconds,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    clientCpuMicros: clientCpuMicros / latencies.length,
    storeCpuMicros: (turns.storeCpuMicros() - storeBefore) / latencies.length,
  };
}

/** Medians of one runner's rounds. */
export const medians = (of: readonly Figures[]): Figures => ({
  perSecond: median(of.map((f) => f.perSecond)),
  p50Ms: median(of.map((f) => f.p50Ms)),
  p99Ms: median(of.map((f) => f.p99Ms)),
  clientCpuMicros: median(of.map((f) => f.clientCpuMicros)),
  storeCpuMicros: median(of.map((f) => f.storeCpuMicros)),
});
