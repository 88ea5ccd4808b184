/** What a topic does when Redis takes one of its two subscriptions and refuses the other. */
import { expect, test } from 'vitest';
import { silentLogger } from '../../chat/logger.ts';
import type { BusListener } from '../bus.ts';
import { RedisTopic, type TopicSource } from './topic.ts';

/** As the library: an id for each subscription taken; `refused` says which call, from 0, is refused. */
function fakePubSub(refused: number) {
  const taken = new Map<number, BusListener>();
  let calls = 0;
  const pubsub: TopicSource['pubsub'] = {
    async subscribe(_topic: string, listener: BusListener) {
      const id = calls++;
      if (id === refused) throw new Error('refused');
      taken.set(id, listener);
      return id;
    },
    unsubscribe(id: number) {
      if (!taken.delete(id)) throw new Error(`There is no subscription of id "${id}"`);
    },
  };
  const tell = (payload: unknown): void => {
    for (const listener of taken.values()) listener(payload);
  };
  return { pubsub, taken, tell };
}

test.each([0, 1])(
  'subscription %i refused: the other is given back, each word heard once',
  async (refused) => {
    const { pubsub, taken, tell } = fakePubSub(refused);
    const topic = new RedisTopic('t', { pubsub, logger: silentLogger, ready: async () => undefined });
    const heard: unknown[] = [];
    topic.add((payload) => heard.push(payload));
    await topic.joined;
    tell('word');
    expect(heard).toEqual(['word']);
    topic.leave();
    expect(taken.size).toBe(0);
  },
);
