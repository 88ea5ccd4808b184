/**
 * What one channel's appender makes of meeting other replicas there: whoever keeps losing makes way, for longer each
 * time; and for a while after a meeting sends are better left to one replica.
 */
import { Backoff } from './backoff.ts';

/** How long a channel counts as shared after a meeting. When it is over, one more meeting tells. */
const SHARED_MS = 30_000;

export class Contention {
  readonly #backoff = new Backoff(4, 128);
  /** Appends in a row that did not apply. */
  #losses = 0;
  #metAt = Number.NEGATIVE_INFINITY;

  /** Others append to this channel too, at the same time. */
  get isShared(): boolean {
    return performance.now() - this.#metAt < SHARED_MS;
  }

  won(): void {
    this.#losses = 0;
    this.#backoff.reset();
  }

  lost(): void {
    this.#losses++;
  }

  /** The head had moved: another replica was first. */
  met(): void {
    this.#metAt = performance.now();
  }

  /** The first loss is told by its answer where to go on; only those who lose again make way. */
  async makeWay(): Promise<void> {
    if (this.#losses > 1) await this.#backoff.wait();
  }
}
