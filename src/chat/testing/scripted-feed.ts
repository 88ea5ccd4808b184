/** A subscription that yields what a test scripted, and then ends. */
import type { EventFeed, FeedConsumer } from '../live/port.ts';

export class ScriptedFeed<E> implements EventFeed<E> {
  readonly #events: E[];
  #consumer: FeedConsumer | null = null;

  constructor(events: readonly E[]) {
    this.#events = [...events];
  }

  consume(consumer: FeedConsumer): void {
    this.#consumer = consumer;
    consumer.readable();
  }

  take(): E | undefined {
    const event = this.#events.shift();
    if (event === undefined) {
      this.#consumer?.ended(null);
      this.#consumer = null;
    }
    return event;
  }

  mayWrite(): boolean {
    return true;
  }

  async next(): Promise<IteratorResult<E, undefined>> {
    const event = this.#events.shift();
    return event === undefined ? { value: undefined, done: true } : { value: event, done: false };
  }

  async return(): Promise<IteratorResult<E, undefined>> {
    this.#events.length = 0;
    this.#consumer = null;
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
