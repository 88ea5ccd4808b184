/**
 * Runs a subscription as an iterator of results, for event streams over HTTP: every event is executed with a context
 * of its own, so that loaders and permissions never go stale, and is delivered whole or not at all (whole.ts).
 */
import type { ExecutionArgs, ExecutionResult } from 'graphql';
import { ChatError } from '../chat/errors.ts';
import { ResumeRequired, SlowConsumer } from '../chat/live/port.ts';
import { isFeed } from './event-source.ts';
import { executeWithin } from './execute.ts';
import { isIterable, type OpeningPorts, openSource } from './opening.ts';
import type { ResumeReason } from './outlet.ts';
import { EVENT_MS, RETRY_WAITS_MS, verdictOn } from './whole.ts';

export interface SubscriptionPorts extends OpeningPorts {
  /** A context for one event; without it for the subscription's beginning, or for an event that failed before. */
  freshContext(event?: unknown): unknown;
  /** The next event cannot be delivered whole: the client has to come back with its cursors. */
  onResume(why: ResumeReason): void;
}

/** The results of a subscription, or why it cannot begin; that is known after `ms` at the latest. */
export async function subscribe(
  args: ExecutionArgs,
  ms: number,
  ports: SubscriptionPorts,
): Promise<AsyncIterableIterator<ExecutionResult> | ExecutionResult> {
  const source = await openSource(ms, { ...args, contextValue: ports.freshContext() }, ports);
  if (!isIterable(source)) return source;
  return new EventResults(source[Symbol.asyncIterator](), args, ports);
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** A plain iterator and not an async generator: its `return` takes effect while `next` still waits. */
class EventResults implements AsyncIterableIterator<ExecutionResult> {
  readonly #source: AsyncIterator<unknown>;
  readonly #args: ExecutionArgs;
  readonly #ports: SubscriptionPorts;
  #isOver = false;
  /** Settles the `next` that waits, as done. */
  #release = (): void => undefined;
  #retryTimer: NodeJS.Timeout | undefined;

  constructor(source: AsyncIterator<unknown>, args: ExecutionArgs, ports: SubscriptionPorts) {
    this.#source = source;
    this.#args = args;
    this.#ports = ports;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    if (this.#isOver) return Promise.resolve(DONE);
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<ExecutionResult>>();
    this.#release = () => resolve(DONE);
    this.#pull().then(resolve, reject);
    return promise;
  }

  return(): Promise<IteratorResult<ExecutionResult>> {
    this.#end();
    // Whoever waits in `next` is done too, whatever the source still does.
    this.#release();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<IteratorResult<ExecutionResult>> {
    this.#end();
    this.#release();
    return Promise.reject(error);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#retryTimer);
    this.#source.return?.().then(undefined, (error: unknown) => {
      this.#ports.logger.warn({ err: error }, 'an event stream did not close cleanly');
    });
  }

  async #pull(): Promise<IteratorResult<ExecutionResult>> {
    let step: IteratorResult<unknown>;
    try {
      step = await this.#source.next();
    } catch (error) {
      return this.#broken(error);
    }
    if (this.#isOver) return DONE;
    if (step.done) {
      this.#isOver = true;
      return DONE;
    }
    return this.#render(step.value);
  }

  async #render(event: unknown): Promise<IteratorResult<ExecutionResult>> {
    for (const wait of [0, ...RETRY_WAITS_MS]) {
      if (wait > 0) await this.#pause(wait);
      if (this.#isOver) return DONE;
      // Loaders remember failures: a further try must not share them.
      const contextValue = this.#ports.freshContext(wait === 0 ? event : undefined);
      const args = { ...this.#args, rootValue: event, contextValue };
      const result = await executeWithin(EVENT_MS, args, this.#ports.present);
      if (this.#isOver) return DONE;
      const verdict = verdictOn(event, result.errors);
      if (verdict === 'DELIVER') {
        // Its channel may have been cut while it was executed.
        return this.#mayWrite(event) ? { done: false, value: result } : this.#pull();
      }
      if (verdict === 'PASS_OVER') return this.#pull();
      if (verdict !== 'TRY_AGAIN') {
        this.#end();
        throw verdict[0];
      }
      this.#ports.logger.debug(
        { codes: result.errors?.map((e) => e.extensions.code) },
        'an event is tried again',
      );
    }
    return this.#broken(new ResumeRequired('an event could not be delivered whole'));
  }

  #mayWrite(event: unknown): boolean {
    return !isFeed(this.#source) || this.#source.mayWrite(event);
  }

  #broken(error: unknown): IteratorResult<ExecutionResult> {
    if (this.#isOver) return DONE;
    this.#end();
    if (error instanceof ChatError && !error.retryable) throw this.#ports.present(error);
    const isSlow = error instanceof SlowConsumer;
    if (!isSlow && !(error instanceof ResumeRequired)) {
      this.#ports.logger.error({ err: error }, 'an event stream broke');
    }
    this.#ports.onResume(isSlow ? 'SLOW_CONSUMER' : 'RESUME');
    return DONE;
  }

  #pause(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#retryTimer = setTimeout(resolve, ms);
    return promise;
  }
}
