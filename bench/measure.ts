/**
 * Measures contenders against each other: in rounds, each contender once in every round (A B A B), so that whatever
 * else the machine does falls on all alike; what is reported is the median of the rounds.
 */

export interface Contender {
  readonly name: string;
  /** One operation of one sender, settled when it is acknowledged. A failure ends the benchmark. */
  send(sender: number): Promise<void>;
  /** Microseconds of CPU, used so far by the process that does the work. */
  cpuMicros(): number;
}

export interface Result {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuMicrosPerSend: number;
}

export interface Course {
  readonly rounds: number;
  readonly secondsPerRound: number;
  /** Ends the measurement early, with an error. */
  readonly signal: AbortSignal;
  /** Told before each round. */
  onRound(contender: string): void;
}

const WARM_UP_SECONDS = 0.5;

/** CPU of this process, all its threads. */
export const ownCpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** How many rounds `compare` runs, warming up included. */
export const roundsOf = (contenders: number, { rounds }: Pick<Course, 'rounds'>): number =>
  contenders * (rounds + 1);

/** Results in the order of the contenders. */
export async function compare(
  contenders: readonly Contender[],
  inFlight: number,
  course: Course,
): Promise<readonly Result[]> {
  const results = contenders.map((): Result[] => []);
  for (const contender of contenders) {
    course.onRound(contender.name);
    await round(contender, inFlight, WARM_UP_SECONDS, course.signal);
  }
  for (let i = 0; i < course.rounds; i++) {
    for (const [j, contender] of contenders.entries()) {
      course.onRound(contender.name);
      results[j]?.push(await round(contender, inFlight, course.secondsPerRound, course.signal));
    }
  }
  return results.map((of) => ({
    perSecond: median(of.map((r) => r.perSecond)),
    p50Ms: median(of.map((r) => r.p50Ms)),
    p99Ms: median(of.map((r) => r.p99Ms)),
    cpuMicrosPerSend: median(of.map((r) => r.cpuMicrosPerSend)),
  }));
}

async function round(
  contender: Contender,
  inFlight: number,
  seconds: number,
  signal: AbortSignal,
): Promise<Result> {
  const cpuBefore = contender.cpuMicros();
  const { latencies, elapsed } = await keepInFlight(contender, inFlight, seconds, signal);
  const cpu = contender.cpuMicros() - cpuBefore;
  latencies.sort((a, b) => a - b);
  return {
    perSecond: latencies.length / elapsed,
    p50Ms: quantile(latencies, 0.5),
    p99Ms: quantile(latencies, 0.99),
    cpuMicrosPerSend: cpu / latencies.length,
  };
}

/** Every sender sends again as soon as it has its answer. Latencies in milliseconds, in the order of the answers. */
export async function keepInFlight(
  contender: Pick<Contender, 'send'>,
  inFlight: number,
  seconds: number,
  signal: AbortSignal,
): Promise<{ readonly latencies: number[]; readonly elapsed: number }> {
  signal.throwIfAborted();
  const latencies: number[] = [];
  const began = performance.now();
  const until = began + seconds * 1_000;
  const sender = async (index: number): Promise<void> => {
    for (let now = performance.now(); now < until && !signal.aborted; ) {
      await contender.send(index);
      const after = performance.now();
      latencies.push(after - now);
      now = after;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, (_, index) => sender(index)));
  signal.throwIfAborted();
  return { latencies, elapsed: (performance.now() - began) / 1_000 };
}

export const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;

export const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
