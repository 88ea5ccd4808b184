/**
 * Asks again whenever something may have been missed: one round at a time, each tried until it comes through. What is
 * heard while a round reads is not in its answer, so that another follows.
 */
import type { Logger } from '../../chat/logger.ts';
import type { Gate } from '../gate.ts';
import type { Timings } from '../timings.ts';
import { Retry } from '../wait.ts';

export interface ReconcilingOptions {
  /** Where the rounds of all subscriptions wait for each other. */
  readonly gate: Gate;
  readonly timings: Timings;
  readonly logger: Logger;
  /** No round begins after it. */
  readonly signal: AbortSignal;
  /** One round; calls `reading` right before it reads. May throw: then it is run again. */
  readonly round: () => Promise<void>;
}

export class Reconciling {
  readonly #options: ReconcilingOptions;
  readonly #retry: Retry;
  #isStale = false;
  #isStarted = false;
  #isRunning = false;

  constructor(options: ReconcilingOptions) {
    this.#options = options;
    this.#retry = new Retry(options.timings);
  }

  /** What was missed until now shows in what is read from here on. */
  reading(): void {
    this.#isStale = false;
  }

  /** Something may have been missed. Before `start` it is only noted. */
  ask(): void {
    this.#isStale = true;
    if (this.#isStarted && !this.#isRunning) void this.#run();
  }

  start(): void {
    this.#isStarted = true;
    if (this.#isStale) void this.#run();
  }

  async #run(): Promise<void> {
    const { gate, signal, round, logger } = this.#options;
    this.#isRunning = true;
    while (this.#isStale && !signal.aborted) {
      try {
        await gate.run(round);
        this.#retry.reset();
      } catch (error) {
        this.#isStale = true;
        logger.warn({ err: error }, 'Memberships cannot be read yet; trying again.');
        await this.#retry.wait(signal);
      }
    }
    this.#isRunning = false;
  }
}
