/** The bus of one process: what is published reaches the listeners of the same process. Never down until closed. */
import { type Logger, silentLogger } from '../../chat/logger.ts';
import { type Bus, type BusListener, NotConfirmed } from '../bus.ts';

export function createInProcessBus(logger: Logger = silentLogger): Bus {
  const topics = new Map<string, Set<BusListener>>();
  let isClosed = false;

  const tell = (topic: string, text: string): void => {
    for (const listener of topics.get(topic) ?? []) {
      try {
        // Parsed anew for each, as if it had come over a wire: nobody sees another's changes.
        listener(JSON.parse(text));
      } catch (error) {
        logger.error({ err: error, topic }, 'A listener of the bus failed.');
      }
    }
  };

  return {
    isShared: false,

    async publish(topic: string, payload: unknown) {
      if (isClosed) throw new NotConfirmed('The bus is closed.');
      if (!topics.has(topic)) return;
      const text = JSON.stringify(payload);
      queueMicrotask(() => tell(topic, text));
    },

    subscribe(topic, listener) {
      // A listener given twice is two subscriptions, each left on its own.
      const own: BusListener = (payload) => listener(payload);
      if (!isClosed) {
        const listeners = topics.get(topic) ?? new Set();
        topics.set(topic, listeners.add(own));
      }
      return {
        joined: Promise.resolve(),
        leave() {
          const listeners = topics.get(topic);
          if (listeners?.delete(own) && listeners.size === 0) topics.delete(topic);
        },
      };
    },

    onInterrupted: () => () => undefined,
    onRestored: () => () => undefined,
    state: () => (isClosed ? 'DOWN' : 'UP'),
    topics: () => topics.size,

    async close() {
      isClosed = true;
      topics.clear();
    },
  };
}
