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
  /** One round; calls `reading` right before it reads. May throw: then it is run again. */
  readonly round: () => Promise<void>;
}

export class Reconciling {
  readonly #options: ReconcilingOptions;
  #isStale = false;
  #isStarted = false;
  /** Ends the waiting of the rounds that run. */
  #running: AbortController | null = null;
  #isOver = false;

  constructor(options: ReconcilingOptions) {
    this.#options = options;
  }

  /** What was missed until now shows in what is read from here on. */
  reading(): void {
    this.#isStale = false;
  }

  /** Something may have been missed. Before `start` it is only noted. */
  ask(): void {
    this.#isStale = true;
    if (this.#isStarted && this.#running === null) void this.#run();
  }

  start(): void {
    this.#isStarted = true;
    if (this.#isStale) void this.#run();
  }

  /** No round begins any more. */
  stop(): void {
    this.#isOver = true;
    this.#running?.abort();
  }

  async #run(): Promise<void> {
    const { gate, timings, round, logger } = this.#options;
    const retry = new Retry(timings);
    const running = new AbortController();
    this.#running = running;
    while (this.#isStale && !this.#isOver) {
      try {
        await gate.run(round);
        retry.reset();
      } catch (error) {
        this.#isStale = true;
        logger.warn({ err: error }, 'Memberships cannot be read yet; trying again.');
        await retry.wait(running.signal);
      }
    }
    this.#running = null;
  }
}
