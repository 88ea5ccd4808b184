/**
 * The one door to Kysely: each operation has a deadline, the number under way is bounded, and errors come out as
 * ChatErrors. On PGlite, which has one connection, an operation that used `run` inside a `transaction` would wait for
 * itself for ever: whoever is given a transaction passes it on and uses nothing else.
 */
import type { Kysely } from 'kysely';
import { ChatError, unavailable } from '../../chat/errors.ts';
import type { Logger } from '../../chat/logger.ts';
import { ConnectionFailed, translated } from './sql-errors.ts';
import type { Queries, Tables } from './tables.ts';
import { KEPT_TABLES, type Writes } from './writes.ts';

export interface DatabaseLimits {
  /** Longest time of one operation, waiting for a connection and all its statements included. */
  readonly operationMs: number;
  /** Operations under way or waiting for a connection; more are refused at once. */
  readonly maxOperations: number;
  /** The database runs on this very thread: what it does, nothing else can. */
  readonly isEmbedded?: boolean;
  /** Of a database that only this process writes to: what is under way. */
  readonly writes?: Writes | null;
  /** Looks at how each operation goes; nobody does when left out. */
  readonly watch?: DatabaseWatch;
}

/** Gives the very promise that the call gives. */
export interface DatabaseWatch {
  run<T>(call: () => Promise<T>): Promise<T>;
}

export const defaultLimits: DatabaseLimits = { operationMs: 10_000, maxOperations: 2_000 };

export class Database {
  readonly #kysely: Kysely<Tables>;
  readonly #logger: Logger;
  readonly #limits: DatabaseLimits;
  #underWay = 0;
  /** Since the last line about them: in an outage one line a second says how many there were. */
  #failures = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #isClosed = false;
  readonly isEmbedded: boolean;
  /** Null: others may write as well. */
  readonly writes: Writes | null;

  constructor(kysely: Kysely<Tables>, logger: Logger, limits: DatabaseLimits = defaultLimits) {
    this.#kysely = kysely;
    this.#logger = logger;
    this.#limits = limits;
    this.isEmbedded = limits.isEmbedded ?? false;
    this.writes = limits.writes ?? null;
  }

  /** Statements that need no transaction. */
  run<T>(operation: (db: Queries) => Promise<T>): Promise<T> {
    return this.#guarded(() => operation(this.#kysely));
  }

  /** The same for whoever asks whether the database is there and says by itself when it is not. */
  probe<T>(operation: (db: Queries) => Promise<T>): Promise<T> {
    return this.#guarded(() => operation(this.#kysely), true);
  }

  /**
   * All or nothing. READ COMMITTED whatever the server's default is: `insert … on conflict do nothing` followed by a
   * read relies on each statement seeing what was committed before it.
   */
  transaction<T>(operation: (transaction: Queries) => Promise<T>): Promise<T> {
    return this.#guarded(() =>
      this.#kysely.transaction().setIsolationLevel('read committed').execute(operation),
    );
  }

  /** New operations are refused from now on. */
  close(): void {
    this.#isClosed = true;
    // Nothing is answered from memory any more: it is as if a write never ended.
    this.writes?.begin(KEPT_TABLES);
  }

  #log(told: ChatError, err: unknown): void {
    if (told.code === 'INTERNAL_SERVER_ERROR') {
      this.#logger.error({ err }, 'the database refused a statement');
    } else if (told.code === 'UNAVAILABLE') {
      this.#failures++;
      const now = performance.now();
      if (now - this.#warnedAt < 1_000) return;
      this.#logger.warn({ err, failures: this.#failures }, 'the database does not answer');
      this.#warnedAt = now;
      this.#failures = 0;
    }
  }

  #guarded<T>(operation: () => Promise<T>, isQuiet = false): Promise<T> {
    const { watch } = this.#limits;
    const run = () => this.#bounded(operation, isQuiet);
    return watch === undefined ? run() : watch.run(run);
  }

  async #bounded<T>(operation: () => Promise<T>, isQuiet: boolean): Promise<T> {
    if (this.#isClosed) throw unavailable('database', new ConnectionFailed('closed'));
    if (this.#underWay >= this.#limits.maxOperations) {
      throw unavailable('database', new ConnectionFailed('too many operations under way'));
    }
    this.#underWay++;
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new ConnectionFailed('deadline exceeded')),
      this.#limits.operationMs,
    );
    // Counted until it really ends: an operation whose caller gave up still holds a connection.
    const running = operation().finally(() => {
      this.#underWay--;
    });
    try {
      return await Promise.race([running, late]);
    } catch (error) {
      const told = translated(error);
      if (!isQuiet && told instanceof ChatError && told !== error) this.#log(told, error);
      throw told;
    } finally {
      clearTimeout(timer);
    }
  }
}
