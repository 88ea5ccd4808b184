/** Waits between tries: doubling, capped, and drawn at random so that replicas which collide drift apart. */
import { setTimeout as sleep } from 'node:timers/promises';

export class Backoff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  #tries = 0;

  constructor(firstMs: number, mostMs: number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
  }

  reset(): void {
    this.#tries = 0;
  }

  async wait(): Promise<void> {
    const ms = Math.min(this.#mostMs, this.#firstMs * 2 ** this.#tries++);
    await sleep(Math.random() * ms);
  }
}
