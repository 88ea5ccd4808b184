/**
 * The bus topics of this replica: joined with the first local listener, left some time after the last one, so that
 * a client that reconnects, or the next one who opens the channel, finds them joined.
 */
import type { Bus, BusListener, BusSubscription } from './bus.ts';

interface Topic {
  readonly listeners: Set<BusListener>;
  readonly subscription: BusSubscription;
  leaving: NodeJS.Timeout | null;
}

export class Topics {
  readonly #bus: Bus;
  readonly #lingerMs: number;
  readonly #topics = new Map<string, Topic>();

  constructor(bus: Bus, lingerMs: number) {
    this.#bus = bus;
    this.#lingerMs = lingerMs;
  }

  /** How many are joined, lingering ones included. */
  get size(): number {
    return this.#topics.size;
  }

  /** False while joining waits for the bus to come back. */
  get isUp(): boolean {
    return this.#bus.state() === 'UP';
  }

  /** As `Bus.subscribe`. */
  join(name: string, listener: BusListener): BusSubscription {
    const topic = this.#topics.get(name) ?? this.#open(name);
    if (topic.leaving !== null) clearTimeout(topic.leaving);
    topic.leaving = null;
    const own: BusListener = (payload) => listener(payload);
    topic.listeners.add(own);
    return {
      joined: topic.subscription.joined,
      leave: () => {
        if (!topic.listeners.delete(own) || topic.listeners.size > 0) return;
        if (this.#topics.get(name) !== topic) return;
        topic.leaving = setTimeout(() => this.#leave(name, topic), this.#lingerMs);
        topic.leaving.unref();
      },
    };
  }

  close(): void {
    for (const [name, topic] of this.#topics) this.#leave(name, topic);
  }

  #open(name: string): Topic {
    const listeners = new Set<BusListener>();
    const subscription = this.#bus.subscribe(name, (payload) => {
      for (const listener of listeners) listener(payload);
    });
    const topic: Topic = { listeners, subscription, leaving: null };
    this.#topics.set(name, topic);
    return topic;
  }

  #leave(name: string, topic: Topic): void {
    if (topic.leaving !== null) clearTimeout(topic.leaving);
    this.#topics.delete(name);
    topic.subscription.leave();
  }
}
