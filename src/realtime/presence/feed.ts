/**
 * What one `presence` subscription is given. Of each person only the newest change waits, so it is bounded by the people
 * watched, however slow its consumer.
 */
import { type EventFeed, type FeedConsumer, ResumeRequired } from '../../chat/live/port.ts';
import type { PresenceChange } from '../../chat/presence/port.ts';

type Result = IteratorResult<PresenceChange, undefined>;
const DONE: Result = { value: undefined, done: true };

export class PresenceFeed implements EventFeed<PresenceChange> {
  readonly #onEnd: () => void;
  /** By user, in the order in which the first of what waits came. */
  readonly #waiting = new Map<string, PresenceChange>();
  readonly #waiters: { resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
  #consumer: FeedConsumer | null = null;
  #hasBegun = false;
  #isEnded = false;
  #error: Error | null = null;

  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Changes that wait. */
  get size(): number {
    return this.#waiting.size;
  }

  /** How everybody is, before any change. */
  begin(states: readonly PresenceChange[]): void {
    if (this.#isEnded) return;
    this.#hasBegun = true;
    for (const state of states) this.#waiting.set(state.userId, state);
    this.#tell();
  }

  /** A change; before the beginning it is part of how everybody is. */
  offer(change: PresenceChange): void {
    if (!this.#hasBegun || this.#isEnded) return;
    this.#waiting.set(change.userId, change);
    this.#tell();
  }

  /** The server ends; the client comes back. */
  restart(): void {
    if (this.#isEnded) return;
    const error = new ResumeRequired('The server restarts.');
    const [first, ...others] = this.#waiters.splice(0);
    if (this.#consumer === null && first === undefined) this.#error = error;
    first?.reject(error);
    for (const { resolve } of others) resolve(DONE);
    this.#end();
    this.#consumer?.ended(error);
  }

  consume(consumer: FeedConsumer): void {
    if (this.#consumer !== null) throw new Error('A subscription has one consumer.');
    this.#consumer = consumer;
    if (this.#isEnded) consumer.ended(this.#error);
    else consumer.readable();
  }

  take(): PresenceChange | undefined {
    const [first] = this.#waiting.values();
    if (first !== undefined) this.#waiting.delete(first.userId);
    return first;
  }

  /** No channel's: nothing of it is ever cut. */
  mayWrite(): boolean {
    return true;
  }

  next(): Promise<Result> {
    if (this.#error !== null) {
      const error = this.#error;
      this.#error = null;
      return Promise.reject(error);
    }
    if (this.#isEnded) return Promise.resolve(DONE);
    const { promise, ...waiter } = Promise.withResolvers<Result>();
    this.#waiters.push(waiter);
    this.#answer();
    return promise;
  }

  return(): Promise<Result> {
    this.#error = null;
    this.#consumer = null;
    for (const { resolve } of this.#waiters.splice(0)) resolve(DONE);
    if (!this.#isEnded) this.#end();
    return Promise.resolve(DONE);
  }

  throw(error: unknown): Promise<Result> {
    void this.return();
    return Promise.reject(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    this.#isEnded = true;
    this.#waiting.clear();
    this.#onEnd();
  }

  #tell(): void {
    if (this.#consumer !== null) this.#consumer.readable();
    else this.#answer();
  }

  #answer(): void {
    while (this.#waiters.length > 0) {
      const change = this.take();
      if (change === undefined) return;
      this.#waiters.shift()?.resolve({ value: change, done: false });
    }
  }
}
