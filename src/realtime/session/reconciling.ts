/**
 * Asks again whenever something may have been missed: one round at a time, each tried until it comes through. What is
 * heard while a round reads is not in its answer, so that another follows.
 */

import type { Gate } from '../../chat/gate.ts';
import type { Logger } from '../../chat/logger.ts';
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
  #isRunning = false;
  /** Ends the wait for another try; made with it: a routine look has a round of every subscription wait at once. */
  #waiting: AbortController | null = null;
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
    if (this.#isStarted && !this.#isRunning) void this.#run();
  }

  start(): void {
    this.#isStarted = true;
    if (this.#isStale) void this.#run();
  }

  /** No round begins any more. */
  stop(): void {
    this.#isOver = true;
    this.#waiting?.abort();
  }

  async #run(): Promise<void> {
    const { gate, timings, round, logger } = this.#options;
    let retry: Retry | null = null;
    this.#isRunning = true;
    while (this.#isStale && !this.#isOver) {
      try {
        await gate.run(round);
        retry = null;
      } catch (error) {
        this.#isStale = true;
        logger.warn({ err: error }, 'Memberships cannot be read yet; trying again.');
        retry ??= new Retry(timings);
        this.#waiting = new AbortController();
        if (!this.#isOver) await retry.wait(this.#waiting.signal);
        this.#waiting = null;
      }
    }
    this.#isRunning = false;
  }
}
