/**
 * Runs a subscription: every event is executed with a context of its own, so that loaders and permissions never
 * go stale. A kept event (one with a cursor) is delivered whole or not at all: when its execution has errors it is
 * tried again briefly, and then the subscription ends so that the client comes back with its last cursors.
 */
import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLError,
} from 'graphql';
import { ChatError } from '../chat/errors.ts';
import { ResumeRequired, SlowConsumer } from '../chat/live/port.ts';
import type { Logger } from '../chat/logger.ts';
import { executeWithin, type PresentError } from './execute.ts';
import type { ResumeReason } from './outlet.ts';

/** How long one try at an event may take, and the waits before the tries that follow the first. */
const EVENT_MS = 3_000;
const RETRY_WAITS_MS = [150, 400, 900] as const;

export interface SubscriptionPorts {
  readonly present: PresentError;
  readonly logger: Logger;
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
  const opening = createSourceEventStream({ ...args, contextValue: ports.freshContext() });
  let source: AsyncIterable<unknown> | ExecutionResult;
  try {
    source = await settleWithin(ms, opening);
  } catch (error) {
    // A stream that opens after nobody waits for it any more is closed again.
    opening
      .then((late) => (isIterable(late) ? late[Symbol.asyncIterator]().return?.() : undefined))
      .catch((lateError: unknown) =>
        ports.logger.debug({ err: lateError }, 'a subscription failed to begin, late'),
      );
    return { errors: [ports.present(error)] };
  }
  if (isIterable(source)) return new EventResults(source[Symbol.asyncIterator](), args, ports);
  return { errors: (source.errors ?? []).map(ports.present) };
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
      if (result.errors === undefined || !mustBeWhole(event)) return { done: false, value: result };
      if (hasVanished(event, result.errors)) return this.#pull();
      const [hopeless] = result.errors.filter(isHopeless);
      if (hopeless !== undefined) {
        this.#end();
        throw hopeless;
      }
      this.#ports.logger.debug(
        { codes: result.errors.map((e) => e.extensions.code) },
        'an event is tried again',
      );
    }
    return this.#broken(new ResumeRequired('an event could not be delivered whole'));
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

const isIterable = (value: object): value is AsyncIterable<unknown> => Symbol.asyncIterator in value;

/**
 * Kept events, and news of the viewer's own memberships: nothing tells those again, and the place where a new
 * channel begins would be lost with them.
 */
const mustBeWhole = (event: unknown): boolean =>
  typeof event === 'object' &&
  event !== null &&
  (('cursor' in event && typeof event.cursor === 'string') || isMembershipNews(event));

const isMembershipNews = (event: unknown): boolean =>
  typeof event === 'object' && event !== null && 'type' in event && event.type === 'MembershipUpdated';

/** The membership has ended since: the event that says so follows, and this one has nothing left to tell. */
const hasVanished = (event: unknown, errors: readonly GraphQLError[]): boolean =>
  isMembershipNews(event) && errors.every((error) => error.extensions.code === 'NOT_FOUND');

/** Errors of the document itself: it would fail with every event, so coming back is of no use. */
const isHopeless = (error: GraphQLError): boolean =>
  error.extensions.code === 'BAD_USER_INPUT' || error.extensions.code === 'QUERY_TOO_COMPLEX';

async function settleWithin<T>(ms: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new ChatError('UNAVAILABLE', 'The subscription could not begin in time.')),
    ms,
  );
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
