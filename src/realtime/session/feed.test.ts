/** What the consumer of a subscription holds. */
import { describe, expect, test, vi } from 'vitest';
import { type LiveEvent, SlowConsumer } from '../../chat/live/port.ts';
import { deliveryOf } from '../hub/delivery.ts';
import { type Bounds, defaultBounds } from '../timings.ts';
import { EventQueue } from './event-queue.ts';
import { Feed } from './feed.ts';
import { SocketRoom } from './socket-room.ts';

const event = (channelId: string, membershipId = 'm'): LiveEvent => ({
  type: 'MembershipUpdated',
  channelId,
  cursor: null,
  membershipId,
  position: null,
});
const delivery = (channelId: string, bytes: number, membershipId = 'm') =>
  deliveryOf(event(channelId, membershipId), bytes);
const queueOf = (bounds: Partial<Bounds>) => new EventQueue(new SocketRoom({ ...defaultBounds, ...bounds }));
const DONE = { value: undefined, done: true };

function feed(bounds = {}): { feed: Feed; onEnd: ReturnType<typeof vi.fn> } {
  const onEnd = vi.fn();
  const all = { ...defaultBounds, ...bounds };
  const made = new Feed({ bounds: all, room: new SocketRoom(all), goLive: () => 'cursor', onEnd });
  return { feed: made, onEnd };
}

describe('the feed', () => {
  test('answers several next() in their order', async () => {
    const { feed: f } = feed();
    const waiting = [f.next(), f.next(), f.next(), f.next()];
    f.push(event('a'), 1);
    f.push(event('b'), 1);
    f.push(event('c'), 1);
    const given = await Promise.all(waiting);
    expect(given.map((r) => (r.done ? null : r.value.channelId))).toEqual([null, 'a', 'b', 'c']);
  });

  test('after return() nothing comes, and it has ended once', async () => {
    const { feed: f, onEnd } = feed();
    f.push(event('a'), 1);
    const waiting = [f.next(), f.next(), f.next()];
    expect(await f.return()).toEqual(DONE);
    expect(await waiting[2]).toEqual(DONE);
    f.push(event('b'), 1);
    expect(await f.next()).toEqual(DONE);
    f.end(new Error('late'));
    expect(await f.next()).toEqual(DONE);
    expect(onEnd).toHaveBeenCalledOnce();
  });

  test('an error is told once: to whoever waits, or at the next next()', async () => {
    const { feed: waited } = feed();
    await waited.next();
    const next = expect(waited.next()).rejects.toThrow('broken');
    waited.end(new Error('broken'));
    await next;
    expect(await waited.next()).toEqual(DONE);
    const { feed: idle } = feed();
    idle.end(new Error('broken'));
    await expect(idle.next()).rejects.toThrow('broken');
    expect(await idle.next()).toEqual(DONE);
  });

  test('an overflow gives up what waits at once', async () => {
    const { feed: f, onEnd } = feed({ queueEvents: 3 });
    for (let i = 0; i < 3; i += 1) f.push(event('a'), 10);
    expect(f.waiting).toEqual({ events: 3, bytes: 30 });
    f.push(event('a'), 10);
    expect(f.waiting).toEqual({ events: 0, bytes: 0 });
    expect(onEnd).toHaveBeenCalledOnce();
    await expect(f.next()).rejects.toBeInstanceOf(SlowConsumer);
  });

  test('finish() ends it once what waits was taken', async () => {
    const { feed: f } = feed();
    f.push(event('a'), 1);
    f.finish();
    const types: unknown[] = [];
    for await (const { type } of f) types.push(type);
    expect(types.toSorted()).toEqual(['CaughtUp', 'MembershipUpdated']);
  });

  test('a channel is settled once the consumer asks for more, or gives up', async () => {
    for (const goOn of ['next', 'return'] as const) {
      const { feed: f } = feed();
      f.push(event('a'), 1);
      expect((await f.next()).value).toMatchObject({ channelId: 'a' });
      await f.settled('b');
      let isSettled = false;
      const settled = f.settled('a').then(() => {
        isSettled = true;
      });
      await new Promise((resolve) => setImmediate(resolve));
      expect(isSettled).toBe(false);
      void f[goOn]();
      await settled;
      f.end();
    }
  });
});

describe('what was handed out', () => {
  const isSettled = async (settled: Promise<void>): Promise<boolean> => {
    const late = new Promise<boolean>((resolve) => setImmediate(() => resolve(false)));
    return Promise.race([settled.then(() => true), late]);
  };
  const given = async (f: Feed): Promise<LiveEvent> => {
    f.push(event('a'), 1);
    // The first is that all is caught up.
    for (;;) {
      const { value } = await f.next();
      if (value?.channelId === 'a') return value;
    }
  };

  test('is settled once it may be written, however long its client does not read', async () => {
    const { feed: f } = feed();
    const one = await given(f);
    expect(await isSettled(f.settled('a'))).toBe(false);
    expect(f.mayWrite(one)).toBe(true);
    expect(await isSettled(f.settled('a'))).toBe(true);
    f.end();
  });

  test('may not be written when its channel was cut meanwhile, and the next may again', async () => {
    const { feed: f } = feed();
    const one = await given(f);
    f.purge('b');
    f.purge('a');
    expect(f.mayWrite(one)).toBe(false);
    expect(f.mayWrite(await given(f))).toBe(true);
    f.end();
  });

  test('may not be written once the subscription was refused', async () => {
    const { feed: f } = feed();
    const one = await given(f);
    f.end(new Error('shut out'));
    expect(f.mayWrite(one)).toBe(false);
  });
});

describe('the queue', () => {
  test('keeps order, counts what it holds, and purges one channel', () => {
    const queue = queueOf({ queueEvents: 1_000 });
    for (let i = 0; i < 500; i += 1)
      expect(queue.push(delivery(i % 2 === 0 ? 'even' : 'odd', 2, `${i}`))).toBe(true);
    for (let i = 0; i < 100; i += 1) expect(queue.shift()?.event).toMatchObject({ membershipId: `${i}` });
    queue.purge('even');
    expect([queue.length, queue.bytes]).toEqual([200, 400]);
    for (let i = 101; i < 500; i += 2) expect(queue.shift()?.event).toMatchObject({ membershipId: `${i}` });
    expect(queue.shift()).toBeUndefined();
    expect([queue.length, queue.bytes]).toEqual([0, 0]);
  });

  test('refuses what is too many or too large, but always takes one', () => {
    const queue = queueOf({ queueEvents: 2, queueBytes: 10 });
    expect(queue.push(delivery('a', 100))).toBe(true);
    expect(queue.push(delivery('a', 1))).toBe(false);
    queue.shift();
    expect(queue.push(delivery('a', 5))).toBe(true);
    expect(queue.push(delivery('a', 5))).toBe(true);
    expect(queue.push(delivery('a', 0))).toBe(false);
    queue.clear();
    expect([queue.length, queue.bytes]).toEqual([0, 0]);
  });
});
