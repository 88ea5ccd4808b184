/** One topic as this replica hears it: one subscription in Redis, whatever the number of local listeners. */
import type { Logger } from '../../chat/logger.ts';
import type { BusListener } from '../bus.ts';

const ignore = (): void => undefined;
const JOIN_AGAIN_MS = 500;

/** What is used of graphql-redis-subscriptions. */
interface PubSub {
  subscribe(topic: string, listener: BusListener): Promise<number>;
  unsubscribe(id: number): void;
}

export interface TopicSource {
  readonly pubsub: PubSub;
  readonly logger: Logger;
  /** Resolves when the listening connection is ready; never rejects. */
  ready(): Promise<void>;
}

export class RedisTopic {
  readonly joined: Promise<void>;
  readonly #name: string;
  readonly #source: TopicSource;
  readonly #listeners = new Set<BusListener>();
  #subscriptions: readonly number[] = [];
  #isLeft = false;

  constructor(name: string, source: TopicSource) {
    this.#name = name;
    this.#source = source;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.joined = promise;
    void this.#join(resolve);
  }

  add(listener: BusListener): void {
    this.#listeners.add(listener);
  }

  /** True when nobody listens any more. */
  remove(listener: BusListener): boolean {
    return this.#listeners.delete(listener) && this.#listeners.size === 0;
  }

  leave(): void {
    this.#isLeft = true;
    for (const id of this.#subscriptions) this.#source.pubsub.unsubscribe(id);
    this.#subscriptions = [];
  }

  /** Ends hearing without telling Redis, whose connection is about to end. */
  silence(): void {
    this.#isLeft = true;
    this.#listeners.clear();
  }

  async #join(resolve: () => void): Promise<void> {
    const { pubsub, logger, ready } = this.#source;
    while (!this.#isLeft) {
      // Asked only while connected, so that an outage does not fill the connection's queue with topics come and gone.
      await ready();
      if (this.#isLeft) return;
      try {
        // Subscribed to twice: when the first subscribe of a topic fails, the library rejects a promise of its own
        // that only a second one hears; unheard, it would end the process.
        const first = pubsub.subscribe(this.#name, (payload) => this.#tell(payload));
        const second = pubsub.subscribe(this.#name, ignore);
        const outcomes = await Promise.allSettled([first, second]);
        const taken = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
        const refused = outcomes.find((outcome) => outcome.status === 'rejected');
        if (refused !== undefined) {
          // Kept, it would hear everything a second time after the next try, and the topic would never be left.
          for (const id of taken) pubsub.unsubscribe(id);
          throw refused.reason;
        }
        // As long as it is: what flatMap makes has room for more, and there is one for each person.
        this.#subscriptions = taken.slice();
        if (this.#isLeft) this.leave();
        resolve();
        return;
      } catch (error) {
        if (this.#isLeft) return;
        logger.warn({ err: error, topic: this.#name }, 'Redis refused a topic; asking again.');
        await new Promise((again) => setTimeout(again, JOIN_AGAIN_MS).unref());
      }
    }
  }

  #tell(payload: unknown): void {
    for (const listener of this.#listeners) {
      try {
        // A value of its own for each listener.
        listener(this.#listeners.size > 1 ? structuredClone(payload) : payload);
      } catch (error) {
        this.#source.logger.error({ err: error, topic: this.#name }, 'A listener of the bus failed.');
      }
    }
  }
}
