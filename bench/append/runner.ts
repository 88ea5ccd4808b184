/** One side of a comparison: something that appends for a while and says how that went. */
import { type Contender, keepInFlight } from '../measure.ts';

export interface Stint {
  /** Milliseconds from a send to its acknowledgement, ascending. */
  readonly latencies: readonly number[];
  readonly seconds: number;
  /** CPU of the processes that appended. */
  readonly clientCpuMicros: number;
}

export interface Runner {
  readonly name: string;
  run(seconds: number, signal: AbortSignal): Promise<Stint>;
}

/** A contender in this process, with so many sends under way. */
export const localRunner = (contender: Contender, inFlight: number): Runner => ({
  name: contender.name,
  async run(seconds, signal) {
    const cpuBefore = contender.cpuMicros();
    const { latencies, elapsed } = await keepInFlight(contender, inFlight, seconds, signal);
    const clientCpuMicros = contender.cpuMicros() - cpuBefore;
    return { latencies: latencies.sort((a, b) => a - b), seconds: elapsed, clientCpuMicros };
  },
});
