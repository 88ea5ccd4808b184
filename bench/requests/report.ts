/** Measures requesters and sets each beside the usual recipe over the same transport. */
import { compare, type Result, roundsOf } from '../measure.ts';
import { startProgress } from '../progress.ts';
import { figure, ratio, table } from '../table.ts';
import type { Requester } from './grounds.ts';

export interface Course {
  readonly inFlight: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
}

/** @param unit what one request is: "send". */
export async function report(
  requesters: readonly Requester[],
  unit: string,
  { inFlight, rounds, seconds }: Course,
  signal: AbortSignal,
): Promise<string> {
  const progress = startProgress(inFlight.length * roundsOf(requesters.length, { rounds }));
  const rows: string[][] = [];
  try {
    for (const many of inFlight) {
      const results = await compare(requesters, many, {
        rounds,
        secondsPerRound: seconds,
        signal,
        onRound: (name) => progress.step(`${many} in flight: ${name}`),
      });
      requesters.forEach((requester, i) => {
        const result = results[i];
        const base =
          results[requesters.findIndex((one) => isRecipe(one) && one.transport === requester.transport)];
        if (result !== undefined && base !== undefined)
          rows.push([requester.transport, String(many), requester.server, ...cells(result, base)]);
      });
    }
  } finally {
    progress.end();
  }
  return table(
    ['over', 'in flight', 'server', `${unit}s/s`, 'p50 ms', 'p99 ms', `CPU µs/${unit}`, '× the recipe'],
    rows,
  );
}

const isRecipe = ({ server }: Requester): boolean => server === 'the usual recipe';

const cells = (result: Result, base: Result): string[] => [
  figure(result.perSecond),
  figure(result.p50Ms),
  figure(result.p99Ms),
  figure(result.cpuMicrosPerSend),
  ratio(result.cpuMicrosPerSend / base.cpuMicrosPerSend),
];
