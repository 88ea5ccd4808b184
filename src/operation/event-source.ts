/** A subscription's source as a feed: as it is when it is one, else its iterator pulled one event at a time. */
import type { EventFeed, FeedConsumer } from '../chat/live/port.ts';

/** What a follower needs of a feed. */
export interface Source {
  consume(consumer: FeedConsumer): void;
  take(): unknown;
  /** Ends it; it tells nothing any more. */
  close(): Promise<unknown>;
}

export function sourceOf(stream: AsyncIterable<unknown>): Source {
  return isFeed(stream) ? new FeedSource(stream) : new PulledSource(stream[Symbol.asyncIterator]());
}

/** Whether it is the feed itself. */
export const isFeed = (stream: object): stream is EventFeed<unknown> =>
  'consume' in stream && 'take' in stream;

/** The feed as it is. A class, since there are as many as subscribers: no functions of its own for each. */
class FeedSource implements Source {
  readonly #feed: EventFeed<unknown>;

  constructor(feed: EventFeed<unknown>) {
    this.#feed = feed;
  }

  consume(consumer: FeedConsumer): void {
    this.#feed.consume(consumer);
  }

  take(): unknown {
    return this.#feed.take();
  }

  async close(): Promise<unknown> {
    return this.#feed.return?.();
  }
}

/** Holds the one event that was pulled; the next is asked for when that was taken. */
class PulledSource implements Source {
  readonly #iterator: AsyncIterator<unknown>;
  #consumer: FeedConsumer | null = null;
  #held: { readonly event: unknown } | null = null;
  #isOver = false;

  constructor(iterator: AsyncIterator<unknown>) {
    this.#iterator = iterator;
  }

  consume(consumer: FeedConsumer): void {
    this.#consumer = consumer;
    this.#pull();
  }

  take(): unknown {
    const held = this.#held;
    if (held === null) return undefined;
    this.#held = null;
    this.#pull();
    return held.event;
  }

  async close(): Promise<unknown> {
    this.#isOver = true;
    return this.#iterator.return?.();
  }

  #pull(): void {
    this.#iterator.next().then(
      (step) => {
        if (this.#isOver) return;
        if (step.done) {
          this.#end(null);
          return;
        }
        this.#held = { event: step.value };
        this.#consumer?.readable();
      },
      (error: unknown) => {
        if (this.#isOver) return;
        this.#end(error instanceof Error ? error : new Error('an event stream broke', { cause: error }));
      },
    );
  }

  #end(error: Error | null): void {
    this.#isOver = true;
    this.#consumer?.ended(error);
  }
}
