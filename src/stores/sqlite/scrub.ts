/**
 * Takes what was erased out of the write-ahead log too. Pages overwrite what is erased from them with zeros
 * (`secure_delete`), but the log keeps their older versions until it is written over: so a moment after an erasure it
 * is carried into the file and cut to nothing.
 */
import type { DatabaseSync } from 'node:sqlite';

/** Erasures within this time share one pass, which syncs the disk twice. */
const DELAY_MS = 1_000;

export class Scrub {
  readonly #db: DatabaseSync;
  readonly #busyTimeoutMs: number;
  #timer: NodeJS.Timeout | null = null;

  /** @param busyTimeoutMs what the connection is set to, and is again after a pass. */
  constructor(db: DatabaseSync, busyTimeoutMs: number) {
    this.#db = db;
    this.#busyTimeoutMs = busyTimeoutMs;
  }

  /** Something was erased and committed. */
  soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      if (!this.#pass()) this.soon();
    }, DELAY_MS);
  }

  /** Nothing more is done: closing the last connection empties the log by itself. */
  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  /** False while another process reads; then nobody is made to wait for it. */
  #pass(): boolean {
    this.#db.exec('PRAGMA busy_timeout = 0');
    try {
      return this.#db.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()?.busy === 0;
    } catch {
      // A disk that is full or failing: what matters is told by the next write.
      return false;
    } finally {
      this.#db.exec(`PRAGMA busy_timeout = ${this.#busyTimeoutMs}`);
    }
  }
}
