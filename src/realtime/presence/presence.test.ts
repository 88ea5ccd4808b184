/** Who is shown as there, over replicas that come, go, die, and lose what they share. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ResumeRequired } from '../../chat/live/port.ts';
import type { User } from '../../chat/people/port.ts';
import { createInProcessStore } from '../in-process/ephemeral-store.ts';
import { presenceSaidTopic, presenceTopicOf, userName } from '../topic-names.ts';
import { type Presences, personOf, presences, type TestReplica, watcherOf } from './testing/presences.ts';
import { presenceTimings } from './timings.ts';

let world: Presences;
let ada: User;
let alan: User;

beforeEach(() => {
  // The real times, gone by in no time.
  vi.useFakeTimers();
  world = presences();
  ada = world.user('ada');
  alan = world.user('alan');
});
afterEach(async () => {
  const closing = world.close();
  await vi.runOnlyPendingTimersAsync();
  await closing;
  vi.useRealTimers();
});

/** Connected, and known everywhere to be. */
async function there(replica: TestReplica, user: User, connectionId: string): Promise<void> {
  replica.connections.came(personOf(user), connectionId);
  await soon(async () => expect(await replica.of(user.organizationId, [user.id])).toEqual(['ACTIVE']));
}
/** The first time within a minute that this holds. */
async function soon(check: () => void | Promise<void>): Promise<void> {
  for (let waited = 0; ; waited += 50) {
    try {
      return await check();
    } catch (error) {
      if (waited >= 60_000) throw error;
      await vi.advanceTimersByTimeAsync(50);
    }
  }
}
const until = (check: () => void): Promise<void> => soon(check);
const sleep = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);
/** Longer than everything that could still come of what was done. */
const settle = (): Promise<unknown> => sleep(presenceTimings.graceMs + 2 * presenceTimings.lookMs + 2_000);

describe('two devices', () => {
  test('a person is there from their first connection to their last, on whatever replica', async () => {
    const [a, b, c] = [world.replica(), world.replica(), world.replica()];
    const watcher = watcherOf(c.watch([ada, alan]));
    await until(() => expect(watcher.told).toEqual(['ada OFFLINE', 'alan OFFLINE']));
    a.connections.came(personOf(ada), 'laptop');
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
    b.connections.came(personOf(ada), 'phone');
    a.connections.went(personOf(ada), 'laptop');
    await settle();
    expect(watcher.told.slice(2)).toEqual(['ada ACTIVE']);
    b.connections.went(personOf(ada), 'phone');
    await until(() => expect(watcher.now.get('ada')).toBe('OFFLINE'));
    expect(watcher.told.slice(2)).toEqual(['ada ACTIVE', 'ada OFFLINE']);
    expect(await a.of(ada.organizationId, ['ada'])).toEqual(['OFFLINE']);
    expect(a.stats().connected + b.stats().connected).toBe(0);
  });

  test('away once all of them said so; active when one says so again', async () => {
    const [a, b] = [world.replica(), world.replica()];
    const watcher = watcherOf(b.watch([ada]));
    a.connections.came(personOf(ada), 'laptop');
    b.connections.came(personOf(ada), 'phone');
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
    expect(await a.say(personOf(ada), 'AWAY', 'laptop')).toBe(true);
    await settle();
    expect(watcher.now.get('ada')).toBe('ACTIVE');
    await b.say(personOf(ada), 'AWAY', 'phone');
    await until(() => expect(watcher.now.get('ada')).toBe('AWAY'));
    await a.say(personOf(ada), 'ACTIVE', 'laptop');
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
    // No such connection there, or of somebody else.
    expect(await b.say(personOf(ada), 'AWAY', 'laptop')).toBe(false);
    expect(await a.say(personOf(alan), 'AWAY', 'laptop')).toBe(false);
  });

  test('what is said of all connections is heard on every replica, and is told at once', async () => {
    const [a, b, c] = [world.replica(), world.replica(), world.replica()];
    a.connections.came(personOf(ada), 'laptop');
    b.connections.came(personOf(ada), 'phone');
    const watcher = watcherOf(c.watch([ada]));
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
    expect(await c.say(personOf(ada), 'OFFLINE', null)).toBe(true);
    await until(() => expect(watcher.now.get('ada')).toBe('OFFLINE'));
    await b.say(personOf(ada), 'AWAY', 'phone');
    await until(() => expect(watcher.now.get('ada')).toBe('AWAY'));
    expect(watcher.told).not.toContain('alan ACTIVE');
    c.bus.cut(true);
    expect(await c.say(personOf(ada), 'ACTIVE', null)).toBe(false);
  });
});

describe('the grace', () => {
  test('a reconnect within it shows nothing, on the same replica or on another', async () => {
    const [a, b] = [world.replica(), world.replica()];
    const watcher = watcherOf(b.watch([ada]));
    a.connections.came(personOf(ada), 'c1');
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
    a.connections.went(personOf(ada), 'c1');
    await sleep(presenceTimings.graceMs / 3);
    a.connections.came(personOf(ada), 'c2');
    await settle();
    a.connections.went(personOf(ada), 'c2');
    await sleep(presenceTimings.graceMs / 3);
    b.connections.came(personOf(ada), 'c3');
    await settle();
    expect(watcher.told).toEqual(['ada OFFLINE', 'ada ACTIVE']);
  });

  test.each(['AWAY', 'OFFLINE'] as const)('whoever had said %s goes on so', async (said) => {
    const [a, b] = [world.replica(), world.replica()];
    a.connections.came(personOf(ada), 'c1');
    await a.say(personOf(ada), said, 'c1');
    const watcher = watcherOf(b.watch([ada]));
    await until(() => expect(watcher.now.get('ada')).toBe(said));
    a.connections.went(personOf(ada), 'c1');
    a.connections.came(personOf(ada), 'c2');
    await settle();
    a.connections.went(personOf(ada), 'c2');
    await sleep(presenceTimings.graceMs / 3);
    b.connections.came(personOf(ada), 'c3');
    await settle();
    expect(new Set(watcher.told.slice(watcher.told.indexOf(`ada ${said}`)))).toEqual(
      new Set([`ada ${said}`]),
    );
    await b.say(personOf(ada), 'ACTIVE', 'c3');
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
  });

  test('a second device that says nothing is active, whatever the first had said', async () => {
    const [a, b] = [world.replica(), world.replica()];
    a.connections.came(personOf(ada), 'c1');
    await a.say(personOf(ada), 'AWAY', 'c1');
    const watcher = watcherOf(b.watch([ada]));
    await until(() => expect(watcher.now.get('ada')).toBe('AWAY'));
    b.connections.came(personOf(ada), 'c2');
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
  });

  test('a replica that stops leaves its people to their grace', async () => {
    const [a, b] = [world.replica(), world.replica()];
    await there(a, ada, 'c1');
    await there(a, alan, 'c2');
    const watcher = watcherOf(b.watch([ada, alan]));
    await until(() => expect([...watcher.now.values()]).toEqual(['ACTIVE', 'ACTIVE']));
    a.connections.went(personOf(ada), 'c1');
    a.connections.went(personOf(alan), 'c2');
    await a.close();
    b.connections.came(personOf(ada), 'c3');
    await until(() => expect(watcher.now.get('alan')).toBe('OFFLINE'));
    await settle();
    expect(watcher.told.filter((one) => one.startsWith('ada'))).toEqual(['ada ACTIVE']);
  });
});

test('whoever was still connected to a replica that has stopped is gone when the grace ends', async () => {
  const [a, b] = [world.replica(), world.replica()];
  await there(a, ada, 'c1');
  await a.close();
  await sleep(presenceTimings.graceMs / 2);
  expect(await b.of(ada.organizationId, ['ada'])).toEqual(['ACTIVE']);
  await sleep(presenceTimings.graceMs / 2 + 1_000);
  expect(await b.of(ada.organizationId, ['ada'])).toEqual(['OFFLINE']);
});

describe('what may fail', () => {
  test('the people of a replica that dies without a word lapse, and nobody else', async () => {
    const [a, b] = [world.replica(), world.replica()];
    await there(a, ada, 'c1');
    await there(b, alan, 'c2');
    const watcher = watcherOf(b.watch([ada, alan]));
    await until(() => expect([...watcher.now.values()]).toEqual(['ACTIVE', 'ACTIVE']));
    a.kill();
    const killedAt = Date.now();
    await until(() => expect(watcher.now.get('ada')).toBe('OFFLINE'));
    expect(Date.now() - killedAt).toBeLessThanOrEqual(30_000);
    await settle();
    expect(watcher.told).toEqual(['ada ACTIVE', 'alan ACTIVE', 'ada OFFLINE']);
    expect(await b.of(ada.organizationId, ['ada', 'alan'])).toEqual(['OFFLINE', 'ACTIVE']);
  });

  test('a store that loses all shows nobody as gone who is not, and has everybody again soon', async () => {
    const [a, b] = [world.replica(), world.replica()];
    await there(a, ada, 'c1');
    await there(a, alan, 'c2');
    const watcher = watcherOf(b.watch([ada, alan]));
    await until(() => expect([...watcher.now.values()]).toEqual(['ACTIVE', 'ACTIVE']));
    for (let i = 0; i < 5; i += 1) {
      await a.store.port.replacePresence('r0', new Map(), 0);
      // What is written meanwhile is not taken for all there is.
      await a.say(personOf(alan), i % 2 === 0 ? 'AWAY' : 'ACTIVE', 'c2');
      await soon(async () =>
        expect(await b.of(ada.organizationId, ['ada', 'alan'])).toEqual([
          'ACTIVE',
          i % 2 === 0 ? 'AWAY' : 'ACTIVE',
        ]),
      );
      await settle();
    }
    expect(watcher.told.filter((one) => one.includes('OFFLINE'))).toEqual([]);
  });

  test('with the store away nobody can be told to be there, nothing fails, and all is put right afterwards', async () => {
    const [a, b] = [world.replica(), world.replica()];
    await there(a, ada, 'c1');
    const early = watcherOf(b.watch([ada, alan]));
    await until(() => expect(early.now.get('ada')).toBe('ACTIVE'));
    a.store.isAway = true;
    b.store.isAway = true;
    expect(await b.of(ada.organizationId, ['ada', 'alan'])).toEqual(['OFFLINE', 'OFFLINE']);
    const late = watcherOf(b.watch([ada, alan]));
    // Known already, from those who watched before; nobody can tell of the others.
    const other = watcherOf(b.watch([world.user('eve')]));
    await until(() => expect(late.told).toEqual(['ada ACTIVE', 'alan OFFLINE']));
    await until(() => expect(other.told).toEqual(['eve OFFLINE']));
    a.connections.came(personOf(alan), 'c2');
    a.connections.came(personOf(world.user('eve')), 'c3');
    a.connections.went(personOf(ada), 'c1');
    await settle();
    expect(early.told).toEqual(['ada ACTIVE', 'alan OFFLINE']);
    a.store.isAway = false;
    b.store.isAway = false;
    await until(() => expect(Object.fromEntries(early.now)).toEqual({ ada: 'OFFLINE', alan: 'ACTIVE' }));
    await until(() => expect(Object.fromEntries(late.now)).toEqual({ ada: 'OFFLINE', alan: 'ACTIVE' }));
    await until(() => expect(other.now.get('eve')).toBe('ACTIVE'));
  });

  test('a write that failed is made up for, with everything else', async () => {
    const [a, b] = [world.replica(), world.replica()];
    await there(a, ada, 'c1');
    a.store.isAway = true;
    a.connections.came(personOf(alan), 'c2');
    await a.say(personOf(ada), 'AWAY', 'c1');
    await sleep(2 * presenceTimings.flushMs);
    a.store.isAway = false;
    await soon(async () =>
      expect(await b.of(ada.organizationId, ['ada', 'alan'])).toEqual(['AWAY', 'ACTIVE']),
    );
  });

  test('with the bus away changes come by looking', async () => {
    const [a, b] = [world.replica(), world.replica()];
    b.bus.cut(true);
    const watcher = watcherOf(b.watch([ada]));
    await until(() => expect(watcher.told).toEqual(['ada OFFLINE']));
    a.connections.came(personOf(ada), 'c1');
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
    // Not even asked, which could take long.
    b.calls.take();
    expect(await b.of(ada.organizationId, ['ada'])).toEqual(['OFFLINE']);
    await soon(async () => expect(b.calls.take()['store.presence']).toBe(1));
    await a.say(personOf(ada), 'AWAY', 'c1');
    await sleep(presenceTimings.flushMs + 100);
    expect(watcher.now.get('ada')).toBe('ACTIVE');
    b.bus.restore();
    await sleep(100);
    expect(watcher.now.get('ada')).toBe('AWAY');
    expect(await b.of(ada.organizationId, ['ada'])).toEqual(['AWAY']);
  });

  test('when the bus is back people are looked at at once', async () => {
    const [a, b] = [world.replica(), world.replica({ lookMs: 3_600_000 })];
    const watcher = watcherOf(b.watch([ada]));
    await until(() => expect(watcher.told).toEqual(['ada OFFLINE']));
    b.bus.cut(true);
    await there(a, ada, 'c1');
    await settle();
    expect(watcher.told).toEqual(['ada OFFLINE']);
    b.bus.restore();
    await sleep(10);
    expect(watcher.now.get('ada')).toBe('ACTIVE');
  });

  test('what is heard while people are being read is read again', async () => {
    const store = createInProcessStore({ clock: { now: () => Date.now() } });
    let answer = Promise.resolve();
    const slow = presences(() => ({
      ...store,
      presence: async (names) => {
        const found = await store.presence(names);
        await answer;
        return found;
      },
    }));
    const [a, b] = [slow.replica(), slow.replica({ lookMs: 3_600_000 })];
    const user = slow.user('ada');
    await there(a, user, 'c1');
    await settle();
    const watcher = watcherOf(b.watch([user]));
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
    const gate = Promise.withResolvers<void>();
    answer = gate.promise;
    await a.say(personOf(user), 'AWAY', 'c1');
    await sleep(presenceTimings.flushMs + presenceTimings.hearMs + 10);
    await a.say(personOf(user), 'ACTIVE', 'c1');
    await sleep(presenceTimings.flushMs + 10);
    gate.resolve();
    await sleep(10);
    expect(watcher.now.get('ada')).toBe('AWAY');
    await sleep(presenceTimings.hearMs);
    expect(watcher.now.get('ada')).toBe('ACTIVE');
    const closing = slow.close();
    await vi.runOnlyPendingTimersAsync();
    await closing;
  });

  test('what is heard of the wrong shape is dropped and counted', async () => {
    const [a, b] = [world.replica(), world.replica()];
    await there(a, ada, 'c1');
    const watcher = watcherOf(b.watch([ada]));
    await until(() => expect(watcher.now.get('ada')).toBe('ACTIVE'));
    const before = b.stats().rejected;
    for (const payload of [null, 7, 'OFFLINE', [], { from: 'x' }, { from: 3, presence: 'AWAY' }]) {
      a.bus.forge(presenceTopicOf(userName(personOf(ada))), payload);
      a.bus.forge(presenceSaidTopic, payload);
    }
    const said = { from: 'x', organizationId: ada.organizationId, userId: 'ada', presence: 'INVISIBLE' };
    a.bus.forge(presenceSaidTopic, said);
    await until(() => expect(b.stats().rejected - before).toBe(13));
    await settle();
    expect(watcher.told).toEqual(['ada ACTIVE']);
  });
});

describe('many', () => {
  test('watching 500 people costs a topic each, shared by all who watch, and one read for all', async () => {
    const [a, b] = [world.replica(), world.replica({ lookMs: 60_000, refreshMs: 60_000 })];
    const people = Array.from({ length: 500 }, (_, i) => world.user(`u${i}`));
    for (const user of people.slice(0, 100)) a.connections.came(personOf(user), 'c');
    await soon(async () => expect(await b.of(ada.organizationId, ['u99'])).toEqual(['ACTIVE']));
    // Nothing that was told on the way is still to be heard.
    await settle();
    b.calls.take();
    const feeds = [b.watch(people), b.watch(people.toReversed()), b.watch(people.slice(0, 10))];
    const watchers = feeds.map(watcherOf);
    await until(() => expect(watchers.map(({ now }) => now.size)).toEqual([500, 500, 10]));
    expect(watchers.map(({ told }) => told.filter((one) => one.endsWith('ACTIVE')).length)).toEqual([
      100, 100, 10,
    ]);
    expect(b.stats()).toMatchObject({ watched: 500, subscriptions: 3, topics: 500 });
    expect(b.calls.take()).toEqual({ 'store.presence': 1 });
    // Who comes when others watch already is told what is known.
    const late = watcherOf(b.watch(people.slice(50, 150)));
    await until(() => expect(late.now.size).toBe(100));
    expect(b.calls.take()).toEqual({});
    for (const watcher of [...watchers, late]) await watcher.stop();
    expect(b.stats()).toMatchObject({ watched: 0, subscriptions: 0 });
    await until(() => expect(b.stats().topics).toBe(0));
  });

  test('changes of a moment are written and read together', async () => {
    const [a, b] = [world.replica({ flushMs: 20 }), world.replica({ lookMs: 60_000, hearMs: 20 })];
    const people = Array.from({ length: 200 }, (_, i) => world.user(`u${i}`));
    const watcher = watcherOf(b.watch(people));
    await until(() => expect(watcher.now.size).toBe(200));
    await settle();
    a.calls.take();
    b.calls.take();
    for (const user of people) a.connections.came(personOf(user), 'c');
    await until(() => expect([...watcher.now.values()].every((one) => one === 'ACTIVE')).toBe(true));
    const { 'store.presence': read } = b.calls.take();
    expect(read).toBeLessThanOrEqual(3);
    const written = a.calls.take();
    expect((written['store.putPresence'] ?? 0) + (written['store.replacePresence'] ?? 0)).toBeLessThanOrEqual(
      3,
    );
  });

  test('of each person only the newest waits, and all who are told the same are given the same object', async () => {
    const [a, b] = [world.replica(), world.replica()];
    const [slow, quicker] = [b.watch([ada, alan]), b.watch([ada])];
    const known = watcherOf(b.watch([ada]));
    await until(() => expect(known.now.size).toBe(1));
    a.connections.came(personOf(ada), 'c');
    await until(() => expect(known.now.get('ada')).toBe('ACTIVE'));
    await a.say(personOf(ada), 'AWAY', 'c');
    await until(() => expect(known.now.get('ada')).toBe('AWAY'));
    const one = (await slow.next()).value;
    expect(one).toMatchObject({ userId: 'ada', presence: 'AWAY' });
    expect((await quicker.next()).value).toBe(one);
    expect((await slow.next()).value).toMatchObject({ userId: 'alan', presence: 'OFFLINE' });
    const waiting = slow.next();
    await slow.return?.();
    expect(await waiting).toEqual({ value: undefined, done: true });
    expect(await slow.next()).toEqual({ value: undefined, done: true });
    await quicker.return?.();
  });
});

test('a closed replica ends its subscriptions so that clients come back, and leaves nothing behind', async () => {
  const [a, b] = [world.replica(), world.replica()];
  const watcher = watcherOf(a.watch([ada]));
  const idle = a.watch([ada]);
  await until(() => expect(watcher.now.size).toBe(1));
  await a.close();
  expect(await watcher.ended).toBeInstanceOf(ResumeRequired);
  await expect(idle.next()).rejects.toBeInstanceOf(ResumeRequired);
  await expect(a.watch([ada]).next()).rejects.toBeInstanceOf(ResumeRequired);
  expect(a.stats()).toMatchObject({ watched: 0, subscriptions: 0, topics: 0 });
  expect(a.bus.topics()).toBe(0);
  expect(b.stats().watched).toBe(0);
});
