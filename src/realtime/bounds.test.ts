import { afterEach, describe, expect, test } from 'vitest';
import { type LiveEvent, ResumeRequired, SlowConsumer } from '../chat/live/port.ts';
import { seqs, until, upTo } from './testing/reading.ts';
import { follow, type Installation, installation, type Replica } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

const subscribe = ({ live }: Replica, user: string, after: string[] = []) =>
  live.events(all.viewer(user), { after, replayLimit: 1_000, connectionId: user });

async function take(iterator: AsyncIterator<LiveEvent>, count: number): Promise<LiveEvent[]> {
  const events: LiveEvent[] = [];
  while (events.length < count) {
    const { value, done } = await iterator.next();
    if (done) throw new Error('it ended');
    events.push(value);
  }
  return events;
}

describe('a slow consumer', () => {
  test('is cut with a named error when too many events wait; the others notice nothing; its cursors still work', async () => {
    all = installation({ bounds: { queueEvents: 50 } });
    const replica = all.replica();
    const channel = all.channel('ada', 'grace');
    const slow = await subscribe(replica, 'ada');
    const begun = await take(slow, 3);
    const grace = follow(await subscribe(replica, 'grace'));
    for (let i = 0; i < 50; i += 1) await replica.say(channel);
    expect(replica.live.stats().sessions).toBe(2);
    await replica.say(channel);
    // What waited is given up at once, not when the consumer looks again.
    expect(replica.live.stats().sessions).toBe(1);
    await expect(slow.next()).rejects.toBeInstanceOf(SlowConsumer);
    expect(await slow.next()).toEqual({ value: undefined, done: true });

    const positions = begun.flatMap((e) => (e.type === 'Positions' ? e.positions : []));
    const again = follow(
      await subscribe(
        replica,
        'ada',
        positions.map((p) => p.cursor),
      ),
    );
    await until(() => expect(seqs(again.events)).toEqual(upTo(51)));
    await until(() => expect(seqs(grace.events)).toEqual(upTo(51)));
    await Promise.all([again.stop(), grace.stop()]);
  });

  test('is cut when what waits is too large, though few', async () => {
    all = installation({ bounds: { queueBytes: 100_000 } });
    const replica = all.replica();
    const channel = all.channel('ada');
    const slow = await subscribe(replica, 'ada');
    await take(slow, 3);
    for (let i = 0; i < 4; i += 1) await replica.say(channel, 'x'.repeat(16_000));
    await expect(slow.next()).rejects.toBeInstanceOf(SlowConsumer);
  });

  test('that replays holds one chunk of each log, however much was missed and is posted meanwhile', async () => {
    all = installation({ bounds: { chunk: 10, queueEvents: 10 } });
    const replica = all.replica();
    const channel = all.channel('ada');
    const begun = await subscribe(replica, 'ada');
    const [, positions] = await take(begun, 3);
    await begun.return?.();
    for (let i = 0; i < 200; i += 1) await replica.say(channel);
    const cursors = positions?.type === 'Positions' ? positions.positions.map((p) => p.cursor) : [];
    const slow = await subscribe(replica, 'ada', cursors);
    await take(slow, 2);
    for (let i = 0; i < 200; i += 1) await replica.say(channel);
    expect(all.messages.calls.rows).toBe(10);
    // Far more than its queue holds, and it is not cut: nothing was queued.
    expect(seqs(await take(slow, 399))).toEqual(upTo(400).slice(1));
    await slow.return?.();
  });

  test('ends with ResumeRequired when the server ends, and so does whoever waits', async () => {
    all = installation();
    const replica = all.replica();
    const [idle, waiting] = [await subscribe(replica, 'ada'), await subscribe(replica, 'ada')];
    await take(waiting, 2);
    const next = waiting.next();
    const refused = expect(next).rejects.toBeInstanceOf(ResumeRequired);
    await replica.live.close();
    await refused;
    await expect(idle.next()).rejects.toBeInstanceOf(ResumeRequired);
    await expect(subscribe(replica, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('nothing is left behind', () => {
  test('after 1,000 subscriptions that ended in every way, at every stage', async () => {
    all = installation({ bounds: { chunk: 2, queueEvents: 5 } });
    all.messages.delayMs = 1;
    const [here, there] = [all.replica(), all.replica()];
    const users = upTo(10).map((i) => `user${i}`);
    const channels = upTo(10).map(() => all.channel(...users));
    await until(() => expect(here.live.stats().replicas).toBe(2));
    const [idle, idleThere] = [here.bus.topics(), there.bus.topics()];

    const cycle = async (i: number): Promise<void> => {
      const user = users[i % 10] ?? '';
      const channelId = channels[i % 7] ?? '';
      const request = { replayLimit: 10, connectionId: 'c' };
      const viewer = all.viewer(user);
      const beginning =
        i % 3 === 0
          ? here.live.channelEvents(viewer, { ...request, channelId, after: null })
          : here.live.events(viewer, { ...request, after: [] });
      // Some ask while a store is down.
      if (i % 50 === 0) all.memberships.isDown = true;
      if (i % 77 === 0) all.messages.isDown = true;
      const iterator = await beginning.catch(() => null);
      all.memberships.isDown = false;
      all.messages.isDown = false;
      if (iterator === null) return;
      for (let n = 0; n < i % 4; n += 1) await iterator.next();
      if (i % 5 === 0) await there.say(channelId).catch(() => undefined);
      if (i % 11 === 0) for (let n = 0; n < 8; n += 1) await here.say(channelId).catch(() => undefined);
      if (i % 2 === 0) void iterator.next().catch(() => undefined);
      if (i % 4 === 3) await iterator.throw?.(new Error('the socket broke')).catch(() => undefined);
      else await iterator.return?.();
    };
    for (let i = 0; i < 1_000; i += 20) await Promise.all(upTo(20).map((n) => cycle(i + n)));

    const nothing = { sessions: 0, users: 0, channels: 0, topics: 0 };
    await until(() => expect(here.live.stats()).toMatchObject(nothing));
    expect([here.bus.topics(), there.bus.topics()]).toEqual([idle, idleThere]);
    // Nobody asks the stores for anything any more.
    const { heads, range } = all.messages.calls;
    await here.say(channels[0] ?? '');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(all.messages.calls).toMatchObject({ heads, range });
  });

  test('a subscription that is still beginning when its edge ends', async () => {
    all = installation();
    const here = all.replica();
    all.channel('ada');
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    all.memberships.beforeAnswer = async () => {
      await here.live.close();
      close();
    };
    const beginning = expect(subscribe(here, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await closed;
    await beginning;
    expect(here.live.stats()).toMatchObject({ sessions: 0, channels: 0, topics: 0 });
  });

  test('an edge that ends leaves no topic, no timer and no replica behind', async () => {
    all = installation({ timings: { lingerMs: 60_000, goneMs: 60_000 } });
    const [here, there] = [all.replica(), all.replica()];
    all.channel('ada');
    await subscribe(here, 'ada');
    await until(() => expect(there.live.stats().replicas).toBe(2));
    await here.live.close();
    await here.publisher.close();
    expect(here.bus.topics()).toBe(0);
    await until(() => expect(there.live.stats().replicas).toBe(1));
  });
});
