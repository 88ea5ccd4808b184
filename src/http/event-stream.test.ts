import { expect, test, vi } from 'vitest';
import { viewerOf } from '../chat/testing/replica.ts';
import { ConnectionCount } from '../edge/connection-count.ts';
import { EventStreams } from './event-stream.ts';

test('ends with its token, to which requests are answered a while longer', async () => {
  const now = Date.now();
  const viewer = { ...viewerOf('o', 'ada'), expiresAt: now + 20 };
  const of = vi.fn(() => viewer);
  const streams = new EventStreams({
    viewers: { of },
    connections: new ConnectionCount(20),
    clock: { now: () => Date.now() },
  });
  const ended = Promise.withResolvers<void>();
  const results = {
    [Symbol.asyncIterator]: () => results,
    next: () => Promise.withResolvers<never>().promise,
    return: async () => {
      ended.resolve();
      return { done: true as const, value: undefined };
    },
  };
  streams.watch(results, viewer, 'token');
  expect(streams.size).toBe(1);
  await ended.promise;
  expect(Date.now()).toBeGreaterThanOrEqual(viewer.expiresAt);
  expect(streams.size).toBe(0);
});
