import { afterEach, expect, test, vi } from 'vitest';
import type { Viewers } from '../auth/viewers.ts';
import { unauthenticated } from '../chat/errors.ts';
import { viewerOf } from '../chat/testing/replica.ts';
import type { Viewer } from '../chat/viewer.ts';
import { ConnectionCount } from '../edge/connection-count.ts';
import { EventStreams } from './event-stream.ts';

afterEach(() => vi.useRealTimers());

test('a token that ends between two looks ends the stream then', async () => {
  vi.useFakeTimers();
  const viewer = { ...viewerOf('o', 'ada'), expiresAt: Date.now() + 15_000 };
  const streams = new EventStreams({
    viewers: { of: () => viewer },
    connections: new ConnectionCount(20),
    clock: { now: () => Date.now() },
    askAgainMs: 10_000,
  });
  const results = {
    [Symbol.asyncIterator]: () => results,
    next: () => Promise.withResolvers<never>().promise,
    return: async () => ({ done: true as const, value: undefined }),
  };
  streams.watch(results, viewer, 'token');
  await vi.advanceTimersByTimeAsync(14_999);
  expect(streams.size).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(streams.size).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});

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

function opened(viewers: Viewers) {
  const streams = new EventStreams({
    viewers,
    connections: new ConnectionCount(20),
    clock: { now: () => Date.now() },
  });
  const open = (viewer: Viewer): void => {
    const results = {
      [Symbol.asyncIterator]: () => results,
      next: () => Promise.withResolvers<never>().promise,
      return: async () => ({ done: true as const, value: undefined }),
    };
    streams.watch(results, viewer, 'token');
  };
  return { streams, open };
}

test("of a person who is shut out all streams end at once, and nobody else's", () => {
  const ada = viewerOf('o', 'ada');
  const { streams, open } = opened({ of: () => ada });
  for (const viewer of [ada, viewerOf('o', 'grace'), ada, viewerOf('other', 'ada')]) open(viewer);
  streams.shutOut({ organizationId: ada.tenant.organizationId, userId: ada.userId });
  expect(streams.size).toBe(2);
  streams.close();
  expect(streams.size).toBe(0);
});

test('a stream that begins while its person is shut out ends at once', async () => {
  const of = vi.fn(async () => {
    throw unauthenticated();
  });
  const { streams, open } = opened({ of });
  open(viewerOf('o', 'ada'));
  await vi.waitFor(() => expect(streams.size).toBe(0));
});
