/** Calls of one kind to one store: how long they take, how many fail, and a span for each where traces are kept. */
import { ChatError } from '../chat/errors.ts';
import type { Count, Durations, Meters } from './meters.ts';
import type { Attributes, Tracing } from './tracing.ts';

/** From an answer out of memory to the longest that anything is waited for. */
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One kind of call. */
export class Calls {
  readonly #durations: Durations;
  readonly #failures: Count;
  readonly #begin: (() => ReturnType<Tracing['begin']>) | null;
  readonly #tracing: Tracing | null;

  constructor(
    durations: Durations,
    failures: Count,
    traced: { readonly tracing: Tracing | null; readonly span: string; readonly attributes: Attributes },
  ) {
    const { tracing, span, attributes } = traced;
    this.#durations = durations;
    this.#failures = failures;
    this.#tracing = tracing;
    this.#begin = tracing === null ? null : () => tracing.begin(span, 'client', attributes);
  }

  /** Gives the very promise that the call gives: who waits for it waits no longer for being watched. */
  run<T>(call: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const span = this.#begin?.() ?? null;
    const running = span === null || this.#tracing === null ? call() : this.#tracing.within(span, call);
    running.then(
      () => {
        this.#durations.observe(performance.now() - began);
        span?.end();
      },
      (error: unknown) => {
        this.#durations.observe(performance.now() - began);
        const failure = failureOf(error);
        if (failure !== null) this.#failures.add();
        span?.end(failure ?? undefined);
      },
    );
    return running;
  }
}

/** Null for what a store is asked to say: that a handle is taken, for instance. */
function failureOf(error: unknown): string | null {
  if (!(error instanceof Error)) return 'unknown';
  if (!(error instanceof ChatError)) return error.name;
  return error.code === 'UNAVAILABLE' || error.code === 'INTERNAL_SERVER_ERROR' ? error.code : null;
}

/** The kinds of calls to one system, counted under its names. */
export class CallsOf {
  readonly #system: string;
  readonly #labels: readonly string[];
  readonly #durations: ReturnType<Meters['histogram']>;
  readonly #failures: ReturnType<Meters['counter']>;
  readonly #tracing: Tracing | null;

  /**
   * @param what of the help: "the database".
   * @param labels names of what `of` is given.
   */
  constructor(
    { meters, tracing }: { readonly meters: Meters; readonly tracing: Tracing | null },
    system: string,
    what: string,
    labels: readonly string[],
  ) {
    this.#system = system;
    this.#labels = labels;
    this.#tracing = tracing;
    this.#durations = meters.histogram(
      `backscroll_${system}_call_duration_seconds`,
      `Time that calls to ${what} took, waiting for their turn included`,
      labels,
      BOUNDS,
    );
    this.#failures = meters.counter(
      `backscroll_${system}_call_failures_total`,
      `Calls to ${what} that failed or were not answered in time`,
      labels,
    );
  }

  of(...values: readonly string[]): Calls {
    const labelled = this.#labels.map((label, i): [string, string] => [
      `backscroll.${label}`,
      values[i] ?? '',
    ]);
    return new Calls(this.#durations.of(...values), this.#failures.of(...values), {
      tracing: this.#tracing,
      span: [this.#system, ...values].join(' '),
      attributes: { 'peer.service': this.#system, ...Object.fromEntries(labelled) },
    });
  }
}
