/**
 * The reads of all channels that are kept for a moment: so many bytes and no longer than that moment, the oldest going
 * first; and no more reads at once than the stores should be asked for, however many clients come back at once.
 */
import { Gate } from '../../chat/gate.ts';

/** Something that was read. */
export interface Read {
  /** It is kept no longer. */
  drop(): void;
}

export interface KeptReadsOptions {
  readonly bytes: number;
  readonly ms: number;
  readonly atOnce: number;
}

export class KeptReads {
  readonly #options: KeptReadsOptions;
  readonly #gate: Gate;
  /** In the order in which they end. */
  readonly #reads = new Map<Read, { readonly bytes: number; readonly until: number }>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KeptReadsOptions) {
    this.#options = options;
    this.#gate = new Gate(options.atOnce);
  }

  get size(): number {
    return this.#reads.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Reads when its turn comes. */
  limit<T>(read: () => Promise<T>): Promise<T> {
    return this.#gate.run(read);
  }

  keep(read: Read, bytes: number): void {
    this.#reads.set(read, { bytes, until: performance.now() + this.#options.ms });
    this.#bytes += bytes;
    for (const oldest of this.#reads.keys()) {
      if (this.#bytes <= this.#options.bytes) break;
      oldest.drop();
    }
    this.#schedule();
  }

  /** It was dropped. */
  forget(read: Read): void {
    this.#bytes -= this.#reads.get(read)?.bytes ?? 0;
    this.#reads.delete(read);
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const read of [...this.#reads.keys()]) read.drop();
  }

  #schedule(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#dropOld(), this.#options.ms);
    this.#timer.unref();
  }

  #dropOld(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [read, { until }] of [...this.#reads]) if (until <= now) read.drop();
    if (this.#reads.size > 0) this.#schedule();
  }
}
