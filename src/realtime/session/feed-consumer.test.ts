/** A consumer that takes by itself, without a promise for each event. */
import { describe, expect, test } from 'vitest';
import { type FeedConsumer, type LiveEvent, SlowConsumer } from '../../chat/live/port.ts';
import { deliveryOf } from '../hub/delivery.ts';
import { type Bounds, defaultBounds } from '../timings.ts';
import { Feed } from './feed.ts';
import { SocketRoom } from './socket-room.ts';

const event = (channelId: string, membershipId = 'm'): LiveEvent => ({
  type: 'MembershipUpdated',
  channelId,
  cursor: null,
  membershipId,
  position: null,
});

const feedIn = (room: SocketRoom): Feed =>
  new Feed({ bounds: defaultBounds, room, goLive: () => 'cursor', onEnd: () => undefined });
const roomOf = (bounds: Partial<Bounds> = {}): SocketRoom => new SocketRoom({ ...defaultBounds, ...bounds });

/** Notes what it is told, and takes all when `isHungry`. */
function consumerOf(feed: Feed, isHungry = true) {
  const told: string[] = [];
  let isTaking = false;
  const takeAll = (): void => {
    isTaking = true;
    for (let e = feed.take(); e !== undefined; e = feed.take()) told.push(e.channelId ?? e.type);
    isTaking = false;
  };
  const consumer: FeedConsumer = {
    readable: () => {
      if (isTaking) throw new Error('told while it takes');
      if (isHungry) takeAll();
      else told.push('readable');
    },
    purge: (channelId) => void told.push(`purge ${channelId}`),
    ended: (error) => void told.push(`ended ${error?.name ?? 'well'}`),
  };
  return { consumer, told, takeAll };
}

describe('a consumer of a feed', () => {
  test('is told at once of what waits already, then of each event as it comes', () => {
    const feed = feedIn(roomOf());
    feed.begin([{ type: 'Ready', channelId: null, cursor: null, connectionId: 'c' }], []);
    feed.push(event('a'), 1);
    const { consumer, told } = consumerOf(feed);
    feed.consume(consumer);
    expect(told).toEqual(['Ready', 'a', 'CaughtUp']);
    feed.push(event('b'), 1);
    expect(told.at(-1)).toBe('b');
    expect(feed.take()).toBeUndefined();
  });

  test('takes as much as it wants, and is told that there is more', () => {
    const feed = feedIn(roomOf());
    const { consumer, told, takeAll } = consumerOf(feed, false);
    feed.consume(consumer);
    for (const id of ['a', 'b', 'c']) feed.push(event(id), 1);
    expect(told).toEqual(['readable', 'readable', 'readable', 'readable']);
    expect(feed.waiting).toEqual({ events: 3, bytes: 3 });
    takeAll();
    expect(told.slice(4)).toEqual(['a', 'CaughtUp', 'b', 'c']);
  });

  test('is told of a purge, and nothing of the channel comes afterwards; the channel is settled at once', async () => {
    const feed = feedIn(roomOf());
    const { consumer, told, takeAll } = consumerOf(feed, false);
    feed.consume(consumer);
    for (const id of ['a', 'b', 'a']) feed.push(event(id), 1);
    feed.take();
    feed.take();
    feed.purge('a');
    expect(told.at(-1)).toBe('purge a');
    await feed.settled('a');
    takeAll();
    expect(told.at(-1)).toBe('b');
    expect(feed.waiting).toEqual({ events: 0, bytes: 0 });
  });

  test('is given nothing of a purged channel that comes first of all: signals, alerts; but that it is detached', () => {
    const feed = feedIn(roomOf());
    const reason = 'UNAVAILABLE';
    const detached: LiveEvent = {
      type: 'ChannelDetached',
      channelId: 'a',
      cursor: null,
      membershipId: null,
      reason,
    };
    feed.begin([event('a'), detached, event('b')], []);
    feed.purge('a');
    const taken: (LiveEvent | undefined)[] = [feed.take(), feed.take(), feed.take()];
    expect(taken).toEqual([detached, event('b'), { type: 'CaughtUp', channelId: null, cursor: null }]);
  });

  test('is told once that nothing more comes: of an end, a slow socket, a finish; not of its own return', async () => {
    const broken = feedIn(roomOf());
    const one = consumerOf(broken);
    broken.consume(one.consumer);
    broken.broken('why');
    broken.end();
    expect(one.told.slice(1)).toEqual(['ended ResumeRequired']);
    expect(broken.take()).toBeUndefined();

    const finished = feedIn(roomOf());
    const two = consumerOf(finished, false);
    finished.consume(two.consumer);
    finished.push(event('a'), 1);
    finished.finish();
    expect(two.told.every((what) => what === 'readable')).toBe(true);
    two.takeAll();
    expect(two.told.slice(-3)).toEqual(['a', 'CaughtUp', 'ended well']);

    const left = feedIn(roomOf());
    const three = consumerOf(left);
    left.consume(three.consumer);
    await left.return();
    left.push(event('a'), 1);
    expect(three.told).toEqual(['CaughtUp']);
  });

  test('that comes after the end is told of it at once; there is one at most', () => {
    const feed = feedIn(roomOf());
    feed.end(new SlowConsumer('slow'));
    const late = consumerOf(feed);
    feed.consume(late.consumer);
    expect(late.told).toEqual(['ended SlowConsumer']);
    expect(() => feed.consume(late.consumer)).toThrow('one consumer');
  });
});

describe('the room of a socket', () => {
  test('is shared by its subscriptions, which are cut together; another socket’s are not', () => {
    const room = roomOf({ queueBytes: 100 });
    const [one, two, other] = [feedIn(room), feedIn(room), feedIn(roomOf({ queueBytes: 100 }))];
    const all = [one, two, other].map((feed) => {
      const { consumer, told } = consumerOf(feed, false);
      feed.consume(consumer);
      return told;
    });
    other.push(event('a'), 60);
    one.push(event('a'), 60);
    two.push(event('a'), 40);
    expect([room.events, room.bytes]).toEqual([2, 100]);
    two.push(event('a'), 1);
    expect(all.map((told) => told.at(-1))).toEqual(['ended SlowConsumer', 'ended SlowConsumer', 'readable']);
    expect([room.events, room.bytes]).toEqual([0, 0]);
  });

  test('what is taken, purged or given up makes room again', async () => {
    const room = roomOf({ queueEvents: 3 });
    const [one, two] = [feedIn(room), feedIn(room)];
    await one.next();
    await two.next();
    for (const feed of [one, two, two]) feed.push(event('a'), 10);
    await one.next();
    one.push(event('b'), 10);
    two.purge('a');
    expect([room.events, room.bytes]).toEqual([1, 10]);
    two.push(event('a'), 10);
    await two.return();
    expect([room.events, room.bytes]).toEqual([1, 10]);
    expect(one.isEnded).toBe(false);
  });

  test('one event always fits, however large', () => {
    const feed = feedIn(roomOf({ queueBytes: 100 }));
    feed.push(event('a'), 1_000);
    expect(feed.isEnded).toBe(false);
    feed.push(event('a'), 1);
    expect(feed.isEnded).toBe(true);
  });
});

describe('ephemeral events', () => {
  const typing = (userId: string): LiveEvent => ({
    type: 'TypingStarted',
    channelId: 'a',
    cursor: null,
    userId,
  });
  const signal = (key: string | null, sentAt: number, userId = 'ada'): LiveEvent => ({
    type: 'SignalSent',
    channelId: 'a',
    cursor: null,
    signal: { userId, name: 'cursor', payload: null, key, sentAt },
  });
  const waiting = (feed: Feed): unknown[] => {
    const events: LiveEvent[] = [];
    for (let e = feed.take(); e !== undefined; e = feed.take()) events.push(e);
    return events.map((e) => {
      if (e.type === 'SignalSent') return `${e.signal.userId} ${e.signal.key} ${e.signal.sentAt}`;
      return e.type === 'TypingStarted' ? `${e.userId} types` : (e.channelId ?? e.type);
    });
  };

  test('of those under one name the newest waits, at its own place in the order', () => {
    const feed = feedIn(roomOf());
    feed.take();
    feed.push(typing('ada'), 1);
    feed.push(signal('k', 1), 1);
    feed.push(signal(null, 2), 1);
    feed.push(event('kept'), 1);
    feed.push(typing('ada'), 1);
    feed.push(typing('bob'), 1);
    feed.push(signal('k', 3), 1);
    feed.push(signal('k', 4, 'bob'), 1);
    feed.push(signal(null, 5), 1);
    expect(feed.waiting).toEqual({ events: 7, bytes: 7 });
    expect(waiting(feed)).toEqual([
      'ada null 2',
      'kept',
      'ada types',
      'bob types',
      'ada k 3',
      'bob k 4',
      'ada null 5',
    ]);
    // Of what has left nothing is remembered.
    feed.push(typing('ada'), 1);
    expect(waiting(feed)).toEqual(['ada types']);
  });

  test('are dropped once a share of the room is taken; they cut nobody and push nothing out', () => {
    const room = roomOf({ queueEvents: 8, ephemeralShare: 0.25 });
    const feed = feedIn(room);
    feed.take();
    for (let i = 0; i < 100; i += 1) feed.push(signal(null, i), 1);
    expect([room.events, feed.isEnded]).toEqual([2, false]);
    for (let i = 0; i < 8; i += 1) feed.push(event(`${i}`), 1);
    feed.push(typing('ada'), 1);
    expect([room.events, feed.isEnded]).toEqual([10, false]);
    expect(waiting(feed)).toEqual([
      'ada null 0',
      'ada null 1',
      ...Array.from({ length: 8 }, (_, i) => `${i}`),
    ]);
    feed.push(typing('ada'), 1);
    expect(waiting(feed)).toEqual(['ada types']);
    expect([room.events, room.bytes]).toEqual([0, 0]);
  });

  test('are dropped by their bytes too', () => {
    const feed = feedIn(roomOf({ queueBytes: 1_000, ephemeralShare: 0.25 }));
    feed.take();
    feed.push(event('kept'), 240);
    feed.push(typing('ada'), 11);
    feed.push(typing('bob'), 10);
    expect(waiting(feed)).toEqual(['kept', 'bob types']);
  });

  test('one event is one object to all: made once, and frozen', () => {
    const delivery = deliveryOf(typing('ada'), 1);
    expect(Object.isFrozen(delivery) && Object.isFrozen(delivery.event)).toBe(true);
    const [one, two] = [feedIn(roomOf()), feedIn(roomOf())];
    for (const feed of [one, two]) {
      feed.take();
      feed.deliver(delivery);
    }
    expect(one.take()).toBe(two.take());
  });
});
