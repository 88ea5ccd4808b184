/**
 * One cell as the router asks it. A cell that cannot be opened yet, or that has stopped answering, is not asked: its
 * callers are told at once, so that they hold nothing that the organizations of other cells need. Meanwhile it is tried
 * again and again.
 */
import type { ProjectionStore } from '../../chat/changes/port.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import {
  BatchRefused,
  type LogStore,
  OutcomeUnknown,
  StoreAway,
  StoreUnreachable,
} from '../../chat/log/port.ts';
import type { Logger } from '../../chat/logger.ts';
import { pause } from '../../chat/pause.ts';

/** What a cell keeps; each adapter of the log's ports opens this. */
export interface CellLogs {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: ProjectionStore;
  /** Rejects when the store does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface CellOptions {
  readonly name: string;
  /**
   * Opens it, waiting for a store that is not up as long as that makes sense; ends early when the signal does.
   * @param onWaiting what it waits for, in words for the operator.
   */
  open(signal: AbortSignal, onWaiting: (message: string) => void): Promise<CellLogs>;
  readonly logger: Logger;
  /** There is no other that it could hold up: it is always asked, and the store says itself that it does not answer. */
  readonly isAlone?: boolean;
  /** Between two tries to open it, and between two questions whether it answers again; tests take shorter ones. */
  readonly everyMs?: number;
  /** Without an answer for so long, and after so many failures, it is not asked any more. */
  readonly silentMs?: number;
}

const EVERY_MS = 1_000;
const SILENT_MS = 2_000;
const FAILURES = 5;

/** Settles at its first outcome; of a later one callers are told by their requests alone. */
export class Cell {
  readonly name: string;
  /** Resolves when it is open for the first time; rejects with why it is not, once waiting makes no more sense. */
  readonly opened: Promise<void>;
  readonly #options: CellOptions;
  readonly #end = new AbortController();
  #logs: CellLogs | null = null;
  #problem = 'it is being opened';
  /** Failures since it last answered, and when the first of them was. */
  #failures = 0;
  #failingSince = 0;
  #warnedAt = Number.NEGATIVE_INFINITY;
  #isSilent = false;
  /** The work in the background; one at a time. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: CellOptions) {
    this.#options = options;
    this.name = options.name;
    this.opened = this.#open();
    // Whoever does not wait for it asks it, and is told.
    this.opened.catch(() => undefined);
  }

  /** Why it cannot be asked now; null when it can. */
  get problem(): string | null {
    return this.#logs === null || this.#isSilent ? this.#problem : null;
  }

  /** Asks it. Rejects with StoreAway where it cannot be asked. */
  ask<Result>(work: (logs: CellLogs) => Promise<Result>): Promise<Result> {
    const logs = this.#logs;
    if (logs === null || this.#isSilent) return Promise.reject(this.#unreachable());
    const answer = work(logs);
    if (this.#options.isAlone === true) answer.catch(this.#failedAlone);
    else answer.then(this.#answered, this.#failed);
    return answer;
  }

  /** Rejects when it does not answer, saying why. */
  async ping(): Promise<void> {
    const logs = this.#logs;
    if (logs === null) throw this.#unreachable();
    await logs.ping();
  }

  /** Goes on trying in the background; for a cell whose first try failed. */
  keepTrying(): void {
    this.#work = this.#work.then(() => this.#tryOn());
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#work;
    const logs = this.#logs;
    this.#logs = null;
    this.#problem = 'closed';
    await logs?.close();
  }

  async #open(): Promise<void> {
    let logs: CellLogs;
    try {
      logs = await this.#options.open(this.#end.signal, (message) => {
        this.#problem = message;
      });
    } catch (error) {
      this.#problem = messageOf(error);
      throw error;
    }
    if (this.#end.signal.aborted) await logs.close();
    else this.#logs = logs;
  }

  async #tryOn(): Promise<void> {
    const { logger, everyMs = EVERY_MS } = this.#options;
    const { signal } = this.#end;
    let told = '';
    // The first try may still be under way.
    let opening = this.opened;
    while (!signal.aborted) {
      try {
        await opening;
        if (!signal.aborted) logger.info({ cell: this.name }, 'The cell answers: its organizations work.');
        return;
      } catch {
        if (signal.aborted) return;
        if (this.#problem !== told) {
          told = this.#problem;
          logger.error({ cell: this.name, problem: told }, 'The cell cannot be opened yet; trying on.');
        }
      }
      await pause(everyMs, signal);
      opening = signal.aborted ? opening : this.#open();
    }
  }

  readonly #answered = (): void => {
    this.#failures = 0;
  };

  /** Callers are told that it does not answer; here the operator is told why, at most once a second. */
  readonly #failedAlone = (error: unknown): void => {
    if (!isSilence(error)) return;
    this.#failures += 1;
    const now = performance.now();
    if (now - this.#warnedAt < EVERY_MS) return;
    this.#options.logger.warn({ err: error, failures: this.#failures }, 'the message store does not answer');
    this.#warnedAt = now;
    this.#failures = 0;
  };

  readonly #failed = (error: unknown): void => {
    if (!isSilence(error)) this.#answered();
    if (!isSilence(error) || this.#isSilent) return;
    const now = performance.now();
    if (this.#failures === 0) this.#failingSince = now;
    this.#failures += 1;
    const { silentMs = SILENT_MS, logger } = this.#options;
    if (this.#failures < FAILURES || now - this.#failingSince < silentMs) return;
    this.#isSilent = true;
    this.#problem = `it has not answered since ${Math.round((now - this.#failingSince) / 100) / 10} s: ${messageOf(error)}`;
    logger.warn(
      { cell: this.name, err: error },
      'The cell does not answer: its organizations get UNAVAILABLE at once until it does.',
    );
    this.#work = this.#work.then(() => this.#listen());
  };

  /** Until it answers again. */
  async #listen(): Promise<void> {
    const { logger, everyMs = EVERY_MS } = this.#options;
    const { signal } = this.#end;
    while (this.#isSilent) {
      await pause(everyMs, signal);
      if (signal.aborted) return;
      try {
        await this.#logs?.ping();
        this.#isSilent = false;
        this.#failures = 0;
        logger.info({ cell: this.name }, 'The cell answers again.');
      } catch {
        // As before.
      }
    }
  }

  #unreachable(): StoreAway {
    return new StoreAway(`Cell ${this.name}: ${this.#problem}`);
  }
}

/** A store that does not take a batch has answered. */
const isSilence = (error: unknown): boolean =>
  (error instanceof StoreUnreachable && !(error instanceof BatchRefused)) || error instanceof OutcomeUnknown;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
