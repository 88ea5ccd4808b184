/** Typing and signals over replicas: who hears them, how often, in which shape; and what is kept for those who come later. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from '../chat/clock.ts';
import type { LiveEvent, Signal } from '../chat/live/port.ts';
import { silentLogger } from '../chat/logger.ts';
import type { EphemeralStore } from './ephemeral-store.ts';
import { createInProcessStore } from './in-process/ephemeral-store.ts';
import { Retained } from './retained.ts';
import { follow, type Installation, installation, type Replica } from './testing/replicas.ts';
import { channelTopic } from './topic-names.ts';

let world: Installation;
afterEach(() => world.close());

const until = (check: () => void | Promise<void>): Promise<void> =>
  vi.waitFor(check, { timeout: 10_000, interval: 5 });
const keyOf = (channelId: string) => ({ organizationId: world.organizationId, channelId });
const signal = (over: Partial<Signal> = {}): Signal => ({
  userId: 'ada',
  name: 'move',
  payload: { x: 1 },
  key: null,
  sentAt: Date.now(),
  ...over,
});

async function listen(replica: Replica, userId: string, channelId?: string) {
  const viewer = world.viewer(userId);
  const options = { replayLimit: 10, connectionId: `${userId}-c` };
  const feed =
    channelId === undefined
      ? await replica.live.events(viewer, { ...options, after: [] })
      : await replica.live.channelEvents(viewer, { ...options, channelId, after: null });
  const follower = follow(feed);
  await until(() => expect(follower.events.at(-1)?.type).toBe('CaughtUp'));
  return follower;
}
const only = (events: readonly LiveEvent[], type: LiveEvent['type']) =>
  events.filter((event) => event.type === type);
const names = (events: readonly LiveEvent[]) =>
  events.flatMap((event) => (event.type === 'SignalSent' ? [event.signal.name] : []));

describe('typing', () => {
  test('is told to everybody in the channel but on the connections of who types, on any replica', async () => {
    world = installation();
    const [a, b] = [world.replica(), world.replica()];
    const channelId = world.channel('ada', 'alan');
    const elsewhere = world.channel('eve');
    const others = [await listen(a, 'alan'), await listen(b, 'alan'), await listen(b, 'alan', channelId)];
    const own = [await listen(a, 'ada'), await listen(b, 'ada')];
    const eve = await listen(b, 'eve');
    a.publisher.typing(keyOf(channelId), 'ada');
    const event = { type: 'TypingStarted', channelId, cursor: null, userId: 'ada' };
    for (const { events } of others)
      await until(() => expect(only(events, 'TypingStarted')).toEqual([event]));
    // One object for all on an edge.
    const [, first, second] = others.map(({ events }) => only(events, 'TypingStarted')[0]);
    expect(first).toBe(second);
    await a.say(channelId);
    for (const { events } of own) await until(() => expect(only(events, 'MessagePosted')).toHaveLength(1));
    for (const { events } of [...own, eve]) expect(only(events, 'TypingStarted')).toEqual([]);
    expect(elsewhere).not.toBe(channelId);
  });
});

describe('signals', () => {
  test('reach everybody in the channel, those with one key no more often than once a tick, the last one always', async () => {
    world = installation();
    const [a, b] = [world.replica(), world.replica()];
    const channelId = world.channel('ada', 'alan');
    const listeners = [await listen(a, 'alan'), await listen(b, 'alan'), await listen(b, 'ada')];
    for (let i = 0; i < 200; i += 1) {
      expect(a.publisher.signal(keyOf(channelId), signal({ key: 'k', name: `${i}` }))).toBe(true);
    }
    a.publisher.signal(keyOf(channelId), signal({ name: 'keyless' }));
    for (const { events } of listeners) {
      await until(() => expect(names(events)).toContain('199'));
      expect(names(events).filter((name) => name !== 'keyless')).toEqual(['0', '199']);
      expect(names(events)).toContain('keyless');
    }
  });

  test('those without a key are bounded for each channel', async () => {
    world = installation({ bounds: { signals: { channels: 10, keys: 10, keyless: 5 } } });
    const a = world.replica();
    const channelId = world.channel('ada');
    const { events } = await listen(a, 'ada');
    const accepted = Array.from({ length: 50 }, () => a.publisher.signal(keyOf(channelId), signal()));
    const count = accepted.filter(Boolean).length;
    expect(count).toBeLessThan(50);
    await until(() => expect(names(events)).toHaveLength(count));
  });

  test('of a wrong shape they are dropped and counted, and nobody is cut', async () => {
    world = installation();
    const [a, b] = [world.replica(), world.replica()];
    const channelId = world.channel('ada', 'alan');
    const { events } = await listen(b, 'alan');
    const topic = channelTopic(keyOf(channelId));
    const wrong = [
      { log: 'TYPING' },
      { log: 'TYPING', userId: 7 },
      { log: 'SIGNAL' },
      { log: 'SIGNAL', signal: { ...signal(), payload: 'text' } },
      { log: 'SIGNAL', signal: { ...signal(), name: 'x'.repeat(65) } },
      { log: 'SIGNAL', signal: { ...signal(), sentAt: 'now' } },
    ];
    for (const one of wrong) a.bus.forge(topic, { from: 'x', ...one });
    await until(() => expect(b.live.stats().rejected).toBe(wrong.length));
    a.publisher.signal(keyOf(channelId), signal());
    await until(() => expect(names(events)).toEqual(['move']));
    expect(only(events, 'TypingStarted')).toEqual([]);
  });

  test('with the bus away they reach those on the same replica', async () => {
    world = installation();
    const [a, b] = [world.replica(), world.replica()];
    const channelId = world.channel('ada', 'alan');
    const [here, there] = [await listen(a, 'alan'), await listen(b, 'alan')];
    expect(a.publisher.typing(keyOf(channelId), 'alan')).toBe(true);
    expect(a.publisher.signal(keyOf(channelId), signal({ name: 'before' }))).toBe(true);
    await until(() => expect(names(there.events)).toEqual(['before']));
    a.bus.cut(true);
    expect(a.publisher.typing(keyOf(channelId), 'ada')).toBe(false);
    expect(a.publisher.signal(keyOf(channelId), signal({ name: 'meanwhile' }))).toBe(false);
    await until(() => expect(names(here.events)).toEqual(['before', 'meanwhile']));
    expect(only(here.events, 'TypingStarted')).toHaveLength(1);
    expect(names(there.events)).toEqual(['before']);
  });
});

describe('retained signals', () => {
  const open = (store: Partial<EphemeralStore> = {}, waitMs = 50) => {
    const real = createInProcessStore({ clock: systemClock });
    const reads: number[] = [];
    const counted: EphemeralStore = {
      ...real,
      retained: (channels) => {
        reads.push(channels.length);
        return real.retained(channels);
      },
      ...store,
    };
    return { reads, retained: new Retained({ store: counted, logger: silentLogger, waitMs }) };
  };
  const started = async (replica: Replica, userId: string, channelId?: string) =>
    (await listen(replica, userId, channelId)).events;

  test('come first to whoever subscribes, before what is live, and to nobody who may not read the channel', async () => {
    world = installation();
    const { retained, reads } = open();
    const a = world.replica({ retained });
    const [one, two, foreign] = [world.channel('ada', 'alan'), world.channel('alan'), world.channel('eve')];
    await retained.retain(keyOf(one), signal({ name: 'first', key: '1', sentAt: 1 + Date.now() }));
    await retained.retain(keyOf(one), signal({ name: 'second', key: '2', sentAt: 2 + Date.now() }));
    await retained.retain(keyOf(two), signal({ name: 'other' }));
    await retained.retain(keyOf(foreign), signal({ name: 'foreign' }));
    const all = await started(a, 'alan');
    expect(all.map(({ type }) => type)).toEqual([
      'Ready',
      'Positions',
      'SignalSent',
      'SignalSent',
      'SignalSent',
      'CaughtUp',
    ]);
    expect(names(all).toSorted()).toEqual(['first', 'other', 'second']);
    expect(names(all).indexOf('first')).toBeLessThan(names(all).indexOf('second'));
    expect(names(await started(a, 'ada', one))).toEqual(['first', 'second']);
    expect(reads).toEqual([2, 1]);
  });

  test('for 200 channels and many subscribers there is one read, and one object for all', async () => {
    world = installation();
    const { retained, reads } = open();
    const a = world.replica({ retained });
    const channels = Array.from({ length: 200 }, () => world.channel('ada', 'alan'));
    for (const id of channels) await retained.retain(keyOf(id), signal());
    const events = await Promise.all([started(a, 'ada'), started(a, 'alan'), started(a, 'ada')]);
    for (const some of events) expect(names(some)).toHaveLength(200);
    expect(reads.length).toBeLessThanOrEqual(2);
    const given = new Set(events.flatMap((some) => only(some, 'SignalSent')));
    expect(given.size).toBeLessThanOrEqual(200 * reads.length);
  });

  test('one sent while a subscription begins comes, and after what was kept', async () => {
    world = installation();
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const channelId = world.channel('ada');
    const kept = signal({ name: 'kept', key: 'k' });
    const { retained } = open({
      retained: async (channels) => {
        asked.resolve();
        await gate.promise;
        return channels.map(() => [kept]);
      },
    });
    const a = world.replica({ retained });
    const starting = started(a, 'ada', channelId);
    await asked.promise;
    a.publisher.signal(keyOf(channelId), signal({ name: 'live', key: 'k' }));
    gate.resolve();
    const events = await starting;
    await until(() => expect(names(events)).toEqual(['kept', 'live']));
  });

  /** Somebody who listens comes into a channel; what is kept of it is read as soon as `answer` is called. */
  const comeInto = async () => {
    world = installation();
    const gate = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const [own, joined] = [world.channel('ada'), world.channel('alan')];
    const store: Partial<EphemeralStore> = {
      retained: async (channels) => {
        if (!channels.some(({ channelId }) => channelId === joined)) return channels.map(() => []);
        asked.resolve();
        await gate.promise;
        return channels.map(() => [signal({ name: 'kept', key: 'k' })]);
      },
    };
    const a = world.replica({ retained: open(store, 10_000).retained });
    const events = await started(a, 'ada');
    const join = () => {
      const membershipId = world.memberships.join(joined, 'ada');
      a.publisher.membershipChanged({ ...keyOf(joined), userId: 'ada', membershipId, isNew: true });
    };
    join();
    await asked.promise;
    a.publisher.signal(keyOf(joined), signal({ name: 'live', key: 'k' }));
    return { a, events, own, joined, join, answer: () => gate.resolve() };
  };

  test('of a channel that a subscription comes into they follow the membership, before what is live', async () => {
    const { a, events, joined, answer } = await comeInto();
    answer();
    await until(() => expect(names(events)).toEqual(['kept', 'live']));
    const types = events.map(({ type }) => type);
    expect(types.indexOf('MembershipUpdated')).toBeLessThan(types.indexOf('SignalSent'));
    a.publisher.signal(keyOf(joined), signal({ name: 'later' }));
    await until(() => expect(names(events)).toEqual(['kept', 'live', 'later']));
  });

  test('of a channel that was left while they were read none are given', async () => {
    const { a, events, own, joined, answer } = await comeInto();
    // Heard, and held back, by then.
    a.publisher.typing(keyOf(own), 'alan');
    await until(() => expect(only(events, 'TypingStarted')).toHaveLength(1));
    await a.publisher.revoke(world.memberships.leave(joined, 'ada'));
    answer();
    await until(() => expect(only(events, 'ChannelDetached')).toHaveLength(1));
    a.publisher.signal(keyOf(own), signal({ name: 'own' }));
    await until(() => expect(names(events)).toEqual(['own']));
  });

  test('who comes back into a channel while they are read is given them once, and nothing from before', async () => {
    const { a, events, own, joined, join, answer } = await comeInto();
    a.publisher.typing(keyOf(own), 'alan');
    await until(() => expect(only(events, 'TypingStarted')).toHaveLength(1));
    await a.publisher.revoke(world.memberships.leave(joined, 'ada'));
    join();
    await until(() => expect(only(events, 'MembershipUpdated')).toHaveLength(2));
    answer();
    a.publisher.signal(keyOf(joined), signal({ name: 'later' }));
    await until(() => expect(names(events)).toEqual(['kept', 'later']));
  });

  test('with the store silent or away a subscription begins all the same', async () => {
    world = installation();
    const channelId = world.channel('ada');
    const silent = open({ retained: () => new Promise(() => undefined) });
    const away = open({
      retained: () => Promise.reject(new Error('away')),
      retain: () => Promise.reject(new Error()),
    });
    for (const { retained } of [silent, away]) {
      expect(names(await started(world.replica({ retained }), 'ada', channelId))).toEqual([]);
    }
    expect(await away.retained.retain(keyOf(channelId), signal())).toBe(false);
    expect(await silent.retained.retain(keyOf(channelId), signal())).toBe(true);
  });

  test('the newest are given where there are too many', async () => {
    world = installation();
    const store = createInProcessStore({ clock: systemClock });
    const channels = Array.from({ length: 4 }, () => world.channel('ada'));
    const now = Date.now();
    for (const [i, id] of channels.entries()) {
      for (const j of [0, 1]) {
        await store.retain(keyOf(id), signal({ name: `${i}${j}`, key: `${j}`, sentAt: now - 10 * i + j }));
      }
    }
    const ask = async (most: { signals: number; bytes: number }) => {
      const retained = new Retained({ store, logger: silentLogger, most });
      return names(await retained.eventsOf(channels.map(keyOf), new AbortController().signal));
    };
    expect(await ask({ signals: 3, bytes: 100_000 })).toEqual(['00', '01', '11']);
    expect(await ask({ signals: 100, bytes: 200 })).toEqual(['00', '01']);
  });

  test('nothing kept of a channel is given once the membership has ended', async () => {
    world = installation();
    const { retained } = open();
    const a = world.replica({ retained });
    const channelId = world.channel('ada');
    await retained.retain(keyOf(channelId), signal());
    const feed = await a.live.events(world.viewer('ada'), { after: [], replayLimit: 10, connectionId: 'c' });
    await a.publisher.revoke(world.memberships.leave(channelId, 'ada'));
    const { events } = follow(feed);
    await until(() => expect(only(events, 'ChannelDetached')).toHaveLength(1));
    expect(names(events)).toEqual([]);
  });
});
