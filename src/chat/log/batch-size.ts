/**
 * How many rows go into a batch: fewer after one was refused, so that the entry which the store cannot take ends up
 * alone and no other fails with it; more again with each success.
 */
import { BatchRefused, OutcomeUnknown, StoreUnreachable } from './port.ts';

export class BatchSize {
  readonly #most: number;
  #rows: number;

  constructor(most: number) {
    this.#most = most;
    this.#rows = most;
  }

  get rows(): number {
    return this.#rows;
  }

  succeeded(): void {
    this.#rows = Math.min(this.#most, this.#rows * 2);
  }

  /** True when the error may be one entry's fault: the next batch is half of this one. */
  failed(error: unknown, rows: number): boolean {
    if (!isOfTheBatch(error)) return false;
    this.#rows = Math.max(1, Math.floor(rows / 2));
    return true;
  }
}

/** A store that is away, or that does not answer, says nothing of what it was given. */
const isOfTheBatch = (error: unknown): boolean =>
  error instanceof BatchRefused || !(error instanceof StoreUnreachable || error instanceof OutcomeUnknown);
