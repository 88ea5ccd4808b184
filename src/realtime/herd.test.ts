/** Many clients who come back at once: their edge died, or Redis forgot everything. Stores are asked for little. */
import { afterEach, expect, test } from 'vitest';
import type { EventFeed, LiveEvent } from '../chat/live/port.ts';
import { cursor, seqs, sleep, until, upTo } from './testing/reading.ts';
import { follow, type Installation, installation, messageEntry, type Replica } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

const USERS = upTo(20).map((i) => `user${i}`);
const key = (channelId: string) => ({ organizationId: all.organizationId, channelId });

/** Takes whatever comes. */
function eager(feed: EventFeed<LiveEvent>): LiveEvent[] {
  const events: LiveEvent[] = [];
  const readable = (): void => {
    for (let e = feed.take(); e !== undefined; e = feed.take()) events.push(e);
  };
  feed.consume({ readable, purge: () => undefined, ended: () => undefined });
  return events;
}

const connect = async ({ live }: Replica, i: number, after: string[]): Promise<EventFeed<LiveEvent>> => {
  const viewer = all.viewer(USERS[i % USERS.length] ?? '');
  return live.events(viewer, { after, replayLimit: 1_000, connectionId: `connection ${i}` });
};

test('1,000 clients of an edge that died read each missing number once', async () => {
  all = installation({ timings: { keptReadMs: 60_000, silentMs: 60_000 } });
  const replica = all.replica();
  const channels = [all.channel(...USERS)];
  const MESSAGES = 210;
  const CHANGES = 30;
  for (const channel of channels) {
    for (let i = 0; i < MESSAGES; i += 1) all.messages.put(key(channel), messageEntry('text'));
    for (let rev = 1; rev <= CHANGES; rev += 1) {
      const entry = { kind: 'PINNED', head: MESSAGES, actorId: 'a', userId: null, seq: rev } as const;
      all.changes.put(key(channel), entry);
    }
  }
  all.messages.delayMs = 2;
  all.changes.delayMs = 2;
  const herd = await Promise.all(
    upTo(1_000).map(async (i) => {
      // Each was told a little more or less before it lost its edge.
      const [seq, rev] = [90 + (i % 30), i % 20];
      const feed = await connect(
        replica,
        i,
        channels.map((channel) => cursor(channel, seq, rev)),
      );
      return { seq, rev, feed, events: eager(feed) };
    }),
  );
  const isCaughtUp = (e: LiveEvent): boolean => e.type === 'CaughtUp' && e.channelId === null;
  await until(() => expect(herd.filter(({ events }) => events.some(isCaughtUp)).length).toBe(1_000));
  for (const { seq, rev, events } of herd) {
    for (const channel of channels) {
      const own = events.filter((e) => e.channelId === channel);
      expect(seqs(own)).toEqual(upTo(MESSAGES).slice(seq));
      expect(own.filter((e) => e.type === 'MessageUpdated').length).toBe(CHANGES - rev);
    }
  }
  // What is the same to many is one object, so that it is rendered once: of 20 places a few are remembered.
  const told = new Set(herd.flatMap(({ events }) => events.filter((e) => e.type !== 'Ready')));
  const tellings = herd.reduce((sum, { events }) => sum + events.length, 0);
  expect(told.size).toBeLessThan(tellings / 10);
  // Blocks of a hundred: 90 to 100, to 200, to 210; where cursors differ within one it is read in two parts.
  expect(all.messages.calls.rows).toBeLessThanOrEqual(channels.length * MESSAGES);
  expect(all.messages.calls.range).toBeLessThanOrEqual(channels.length * 5);
  expect(all.changes.calls.rows).toBeLessThanOrEqual(channels.length * CHANGES);
  expect(all.changes.calls.range).toBeLessThanOrEqual(channels.length * 3);
  for (const { feed } of herd) await feed.return?.();
});

test('when Redis forgot everything, the gaps of all channels are read a few at a time', async () => {
  all = installation({ timings: { silentMs: 60_000 }, bounds: { repairsAtOnce: 3 } });
  const [here, there] = [all.replica(), all.replica()];
  const channels = upTo(100).map(() => all.channel('user1'));
  const ada = follow(await connect(here, 0, []));
  here.bus.cut(true);
  await Promise.all(channels.map((channel) => there.say(channel)));
  await sleep(20);
  all.messages.delayMs = 2;
  here.bus.restore();
  await until(() => expect(seqs(ada.events).length).toBe(100));
  expect(all.messages.mostRanges).toBeLessThanOrEqual(3);
  expect(all.messages.calls.range).toBe(100);
  await ada.stop();
});

test('replays of many channels are read a few at a time, whoever asks', async () => {
  all = installation({ timings: { silentMs: 60_000 }, bounds: { replayReadsAtOnce: 5 } });
  const replica = all.replica();
  const channels = upTo(60).map(() => all.channel(...USERS));
  for (const channel of channels) await replica.say(channel);
  all.messages.delayMs = 2;
  const herd = await Promise.all(
    USERS.map((_, i) => {
      const own = channels.filter((_channel, n) => n % USERS.length === i);
      return connect(
        replica,
        i,
        own.map((channel) => cursor(channel, 0, 0)),
      );
    }),
  );
  const told = herd.map(eager);
  await until(() => expect(told.every((events) => seqs(events).length === 3)).toBe(true));
  expect(all.messages.mostRanges).toBeLessThanOrEqual(5);
  for (const feed of herd) await feed.return?.();
});

test('3,000 cursors work; one channel more than may be asked for is refused', async () => {
  all = installation({ timings: { silentMs: 60_000 }, bounds: { cursors: 3_000 } });
  const replica = all.replica();
  const channels = upTo(3_000).map(() => all.channel('user1'));
  // In some of them something was missed.
  const missed = channels.filter((_, i) => i % 100 === 0);
  for (const channel of missed) await replica.say(channel);
  const after = channels.map((channel) => cursor(channel, 0, 0));
  await expect(connect(replica, 0, [...after, cursor(all.channel('user1'), 0, 0)])).rejects.toMatchObject({
    code: 'BAD_USER_INPUT',
  });
  const feed = await connect(replica, 0, after);
  const events = eager(feed);
  await until(() => expect(events.at(-1)).toMatchObject({ type: 'CaughtUp', channelId: null }));
  const posted = events.flatMap((e) => (e.type === 'MessagePosted' ? [e.channelId] : []));
  expect(posted).toEqual(missed);
  expect(events.filter((e) => e.type === 'CaughtUp').length).toBe(3_001);
  expect(all.messages.calls.range).toBe(missed.length);
  await feed.return?.();
});
