/**
 * The near side of the worker: calls wait here, bounded, while one group is with the worker, and what has gathered
 * meanwhile is the next group. So one sync of the disk serves everybody who waits, and none waits for company.
 */
import { Worker } from 'node:worker_threads';
import { settlesWithin } from '../../chat/closing.ts';
import { Deadlines } from '../../chat/deadlines.ts';
import { OutcomeUnknown, StoreUnreachable } from '../../chat/log/port.ts';
import type { Call, FromWorker, Method, Methods, Reply, ToWorker, WorkerSettings } from './protocol.ts';

/** More calls than this at once are refused: the disk has fallen far behind. */
const MAX_WAITING = 10_000;
/** Calls in a group; a longer one would only lengthen the wait of its first. */
const MAX_GROUP = 512;
/** How long a thread told to end may take: one whose disk hangs never does, and nobody waits for it. */
const TERMINATE_MS = 1_000;

// tsc does not rewrite the extension inside new URL: the worker is beside this file, compiled or not as this one is.
const workerFile = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

interface Waiting {
  readonly call: Call;
  /** Settles the call, once: later answers find nobody. */
  settle(reply: Reply): void;
}

/** Talks to one worker; a worker that died is replaced at the next call. */
export class WorkerClient {
  readonly #settings: WorkerSettings;
  readonly #deadlineMs: number;
  readonly #deadlines: Deadlines<Waiting>;
  /** The thread that lives, opened or not yet. */
  #thread: Worker | null = null;
  /** The same, once the database is open. */
  #worker: Worker | null = null;
  #opening: Promise<void> | null = null;
  #waiting: Waiting[] = [];
  /** The group that the worker has now; its answer may still come for calls that gave up waiting. */
  #group: readonly Waiting[] | null = null;
  #isScheduled = false;
  #isClosed = false;
  #closing: Promise<void> | null = null;
  #drained: PromiseWithResolvers<void> | null = null;

  constructor(settings: WorkerSettings, deadlineMs: number) {
    this.#settings = settings;
    this.#deadlineMs = deadlineMs;
    this.#deadlines = new Deadlines(deadlineMs, (waiting) => this.#late(waiting));
  }

  /** Starts the worker and waits until the database is open. Throws what is wrong with the file in plain words. */
  open(): Promise<void> {
    this.#opening ??= this.#start();
    return this.#opening;
  }

  call<M extends Method>(call: Call<M>): Promise<Methods[M]['answer']> {
    if (this.#isClosed) return Promise.reject(new StoreUnreachable('the embedded message store is closed'));
    if (this.#waiting.length >= MAX_WAITING) {
      return Promise.reject(new StoreUnreachable('the embedded message store has too many calls waiting'));
    }
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        call: call as Call,
        settle: (reply) => {
          this.#deadlines.delete(waiting);
          // The reply is to this call, so its answer is this method's.
          if ('answer' in reply) resolve(reply.answer as Methods[M]['answer']);
          else reject(failure(call.method, reply));
        },
      };
      this.#deadlines.add(waiting);
      this.#waiting.push(waiting);
      this.#schedule();
    });
  }

  #late(waiting: Waiting): void {
    const place = this.#waiting.indexOf(waiting);
    if (place >= 0) this.#waiting.splice(place, 1);
    const failed = place >= 0 ? 'refused' : 'unknown';
    waiting.settle({ failed, message: `the embedded message store took over ${this.#deadlineMs} ms` });
  }

  /**
   * Lets what waits finish and closes the database, each within the deadline; after that the thread is ended, which
   * leaves the file as a crash would. Always returns.
   */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const isIdle = await settlesWithin(this.#deadlineMs, this.#becomeIdle());
    // Before a thread ends, or a replacement would be started for them.
    if (!isIdle) this.#refuseAll(new Error('the embedded message store was closed'));
    const thread = this.#thread;
    if (thread === null) return;
    const ended = new Promise((resolve) => thread.once('exit', resolve));
    if (isIdle) {
      thread.postMessage({ type: 'close' } satisfies ToWorker);
      if (await settlesWithin(this.#deadlineMs, ended)) return;
    }
    void thread.terminate();
    // Held by the disk it can neither end nor be waited for; the process need not stay for it.
    if (!(await settlesWithin(TERMINATE_MS, ended))) thread.unref();
  }

  /** Settles when nothing waits, nothing is with the worker and no replacement of it is still opening. */
  async #becomeIdle(): Promise<void> {
    if (this.#group !== null || this.#waiting.length > 0) {
      this.#drained = Promise.withResolvers();
      await this.#drained.promise;
    }
    await this.#opening;
  }

  /** Everything called within this tick goes as one group. */
  #schedule(): void {
    if (this.#isScheduled || this.#group !== null) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#next();
    });
  }

  #next(): void {
    if (this.#group !== null) return;
    if (this.#waiting.length === 0) {
      this.#drained?.resolve();
      return;
    }
    if (this.#worker === null) {
      this.open().then(
        () => this.#next(),
        (error: unknown) => this.#refuseAll(error),
      );
      return;
    }
    this.#group = this.#waiting.splice(0, MAX_GROUP);
    this.#worker.postMessage({
      type: 'group',
      calls: this.#group.map(({ call }) => call),
    } satisfies ToWorker);
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const worker = new Worker(workerFile, { workerData: this.#settings, name: 'backscroll sqlite' });
      this.#thread = worker;
      let hasEnded = false;
      const failed = (message: string) => {
        // An error is followed by an exit, when a successor may already be at work.
        if (hasEnded) return;
        hasEnded = true;
        this.#opening = null;
        this.#thread = null;
        this.#worker = null;
        reject(new Error(message));
        const group = this.#group;
        this.#group = null;
        for (const waiting of group ?? []) waiting.settle({ failed: 'unknown', message });
        this.#next();
      };
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'opened') {
          this.#worker = worker;
          resolve();
        } else if (message.type === 'refused') {
          reject(new Error(message.message));
        } else {
          this.#settleGroup(message.replies);
        }
      });
      worker.once('error', (error) => failed(error instanceof Error ? error.message : String(error)));
      worker.once('exit', () => failed('the thread of the embedded message store ended'));
    });
  }

  #settleGroup(replies: readonly Reply[]): void {
    const group = this.#group ?? [];
    this.#group = null;
    // The next group is on its way before this one's callers run.
    this.#next();
    replies.forEach((reply, i) => {
      group[i]?.settle(reply);
    });
  }

  #refuseAll(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    for (const waiting of this.#waiting.splice(0)) waiting.settle({ failed: 'refused', message });
    this.#drained?.resolve();
  }
}

/** Only what is conditional has an outcome to be unsure of: what can be repeated at will is as good as not done. */
const failure = (
  method: Method,
  { failed, message }: { failed: 'refused' | 'unknown'; message: string },
): Error =>
  failed === 'unknown' && (method === 'append' || method === 'seal')
    ? new OutcomeUnknown(message)
    : new StoreUnreachable(message);
