/** Clients that were away for long come to an end of it, while the channels go on and others are told of theirs. */
import { afterEach, expect, test } from 'vitest';
import type { EventFeed, LiveEvent } from '../chat/live/port.ts';
import { contentNow } from '../chat/messages/content.ts';
import { cursor, seqs, until, upTo } from './testing/reading.ts';
import { type Installation, installation, messageEntry, type Replica } from './testing/replicas.ts';

let all: Installation;
afterEach(() => all.close());

const tick = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const key = (channelId: string) => ({ organizationId: all.organizationId, channelId });

/** Saved and told at once, as by a replica that waits for nothing. */
function post({ publisher }: Replica, channelId: string): void {
  publisher.messagesAppended(key(channelId), [all.messages.put(key(channelId), messageEntry('text'))]);
}

const connect = ({ live }: Replica, after: string[]): Promise<EventFeed<LiveEvent>> =>
  live.events(all.viewer('ada'), { after, replayLimit: 1_000, connectionId: 'c' });

test('after a week in 200 channels that go on: all of it once and in order, other channels meanwhile', async () => {
  const MISSED = 40;
  const PER_TICK = 20;
  all = installation({ timings: { silentMs: 60_000 }, bounds: { chunk: 16 } });
  const replica = all.replica();
  const channels = upTo(200).map(() => all.channel('ada'));
  for (const channel of channels) {
    for (let i = 0; i < MISSED; i += 1) all.messages.put(key(channel), messageEntry('text'));
  }
  const live = all.channel('ada');
  const feed = await connect(
    replica,
    channels.map((channel) => cursor(channel, 0, 0)),
  );
  const events: LiveEvent[] = [];
  let written = 0;
  let ticks = 0;
  feed.consume({ readable: () => undefined, purge: () => undefined, ended: () => undefined });
  const isOver = (): boolean => events.some((e) => e.type === 'CaughtUp' && e.channelId === null);
  while (!isOver()) {
    ticks += 1;
    // Everywhere something is written all the time: half as much as the client takes.
    for (let i = 0; i < PER_TICK / 2; i += 1) {
      post(replica, i === 0 ? live : (channels[(ticks * 31 + i * 7) % 200] ?? live));
      written += 1;
    }
    for (let i = 0; i < PER_TICK; i += 1) {
      const event = feed.take();
      if (event !== undefined) events.push(event);
    }
    await tick();
    if (ticks > 5_000) throw new Error(`not caught up after ${events.length} events`);
  }
  // What was written meanwhile is all that came on top, and each row was read at most once more than missed.
  expect(all.messages.calls.rows).toBeLessThanOrEqual(200 * MISSED + written);
  for (let event = feed.take(); event !== undefined; event = feed.take()) events.push(event);
  for (const channel of channels) {
    const head = all.messages.rows.get(`${all.organizationId}:${channel}`)?.length ?? 0;
    expect(seqs(events.filter((e) => e.channelId === channel))).toEqual(upTo(head));
  }
  // The channel without a cursor was told of all along, not only at the end.
  const at = events.flatMap((e, i) => (e.type === 'MessagePosted' && e.channelId === live ? [i] : []));
  expect(at.filter((i) => i < events.length / 2).length).toBeGreaterThan(10);
  await feed.return?.();
});

test('a channel that is written to faster than the log answers is caught up with all the same', async () => {
  all = installation({ timings: { silentMs: 60_000 } });
  const replica = all.replica();
  const channel = all.channel('ada');
  for (let i = 0; i < 250; i += 1) all.messages.put(key(channel), messageEntry('text'));
  const feed = await connect(replica, [cursor(channel, 0, 0)]);
  const events: LiveEvent[] = [];
  const readable = (): void => {
    for (let e = feed.take(); e !== undefined; e = feed.take()) events.push(e);
  };
  // While any read is under way, something is posted.
  all.messages.delayMs = 4;
  const isOver = (): boolean => events.some((e) => e.type === 'CaughtUp');
  feed.consume({ readable, purge: () => undefined, ended: () => undefined });
  for (let i = 0; !isOver(); i += 1) {
    if (i > 20_000) throw new Error('not caught up');
    post(replica, channel);
    await tick();
  }
  // And from then on it is live.
  const { range } = all.messages.calls;
  for (let i = 0; i < 100; i += 1) post(replica, channel);
  expect(all.messages.calls.range).toBe(range);
  const head = all.messages.rows.get(`${all.organizationId}:${channel}`)?.length ?? 0;
  expect(seqs(events)).toEqual(upTo(head));
  await feed.return?.();
});

test('what was handed on lately is shown as it is: not what a message said before it was deleted', async () => {
  all = installation({ timings: { silentMs: 60_000 } });
  const replica = all.replica();
  const channel = all.channel('ada');
  for (let i = 0; i < 3; i += 1) all.messages.put(key(channel), messageEntry('text'));
  const feed = await connect(replica, [cursor(channel, 0, 0)]);
  feed.consume({ readable: () => undefined, purge: () => undefined, ended: () => undefined });
  expect(feed.take()).toMatchObject({ type: 'Ready' });
  expect(feed.take()).toBeUndefined();
  // Posted while the replay reads what was missed, edited, and deleted.
  for (const text of ['first', 'secret', 'third']) await replica.say(channel, text);
  await replica.alter(channel, 4, { kind: 'PINNED' });
  await replica.alter(channel, 5, { kind: 'DELETED' });
  await replica.alter(channel, 4, { kind: 'UNPINNED' });
  const events: LiveEvent[] = [];
  for (let i = 0; i < 50; i += 1) {
    for (let e = feed.take(); e !== undefined; e = feed.take()) events.push(e);
    await tick();
  }
  expect(seqs(events)).toEqual(upTo(6));
  const shown = events.flatMap((e) => (e.type === 'MessagePosted' ? [contentNow(e.row.entry).text] : []));
  expect(shown).toEqual(['text', 'text', 'text', 'first', '', 'third']);
  const changed = events.flatMap((e) => (e.type === 'MessageUpdated' ? [`${e.change}${e.seq}`] : []));
  expect(changed.toSorted()).toEqual(['SEVERAL4', 'SEVERAL5']);
  await feed.return?.();
});

test('of the changes that were handed on lately each message is told once, at its newest', async () => {
  all = installation({ timings: { silentMs: 60_000 } });
  const replica = all.replica();
  const channel = all.channel('ada');
  for (let i = 0; i < 3; i += 1) all.messages.put(key(channel), messageEntry('text'));
  const feed = await connect(replica, [cursor(channel, 0, 0)]);
  feed.consume({ readable: () => undefined, purge: () => undefined, ended: () => undefined });
  const events: LiveEvent[] = [];
  // All that was missed is given, and the replay not found to be at its end yet.
  while (seqs(events).length < 3) {
    const event = feed.take();
    if (event === undefined) await tick();
    else events.push(event);
  }
  for (const kind of ['PINNED', 'UNPINNED', 'PINNED'] as const) {
    await replica.alter(channel, 2, { kind });
    if (kind === 'PINNED') await replica.alter(channel, 3, { kind });
  }
  const { range } = all.changes.calls;
  for (let i = 0; i < 50; i += 1) {
    for (let e = feed.take(); e !== undefined; e = feed.take()) events.push(e);
    await tick();
  }
  expect(seqs(events)).toEqual(upTo(3));
  // Remembered, and not read.
  expect(all.changes.calls.range).toBe(range);
  const changed = events.flatMap((e) => (e.type === 'MessageUpdated' ? [[e.seq, e.change, e.cursor]] : []));
  expect(changed).toEqual([
    [2, 'SEVERAL', cursor(channel, 3, 4)],
    [3, 'SEVERAL', cursor(channel, 3, 5)],
  ]);
  await feed.return?.();
});

test('what a replay has read and not given yet is erased when it is deleted', async () => {
  all = installation({ timings: { silentMs: 60_000 } });
  const replica = all.replica();
  const channel = all.channel('ada');
  for (const text of ['first', 'secret', 'third']) await replica.say(channel, text);
  const feed = await connect(replica, [cursor(channel, 0, 0)]);
  feed.consume({ readable: () => undefined, purge: () => undefined, ended: () => undefined });
  const events: LiveEvent[] = [];
  while (seqs(events).length === 0) {
    const event = feed.take();
    if (event === undefined) await tick();
    else events.push(event);
  }
  // All three were read in one go.
  const { range } = all.messages.calls;
  await replica.alter(channel, 2, { kind: 'DELETED' });
  for (let i = 0; i < 50; i += 1) {
    for (let e = feed.take(); e !== undefined; e = feed.take()) events.push(e);
    await tick();
  }
  expect(all.messages.calls.range).toBe(range);
  const shown = events.flatMap((e) => (e.type === 'MessagePosted' ? [contentNow(e.row.entry).text] : []));
  expect(shown).toEqual(['first', '', 'third']);
  await feed.return?.();
});

test('a cursor that knows of a change before its message has come: the message comes as it is now', async () => {
  all = installation({ timings: { silentMs: 60_000 } });
  const replica = all.replica();
  const channel = all.channel('ada', 'bob');
  await replica.say(channel);
  const ada = await replica.live.events(all.viewer('bob'), {
    after: [],
    replayLimit: 1_000,
    connectionId: 'b',
  });
  // Saved elsewhere, and edited right after; a page was read just between its two heads.
  const posted = all.messages.put(key(channel), messageEntry('first'));
  const content = { text: 'edited', metadata: null, mentions: [] };
  const entry = { kind: 'EDITED', head: 2, actorId: 'a', userId: null, seq: 2, content } as const;
  all.changes.put(key(channel), entry);
  const feed = await connect(replica, [cursor(channel, 1, 1)]);
  const events: LiveEvent[] = [];
  const readable = (): void => {
    for (let e = feed.take(); e !== undefined; e = feed.take()) events.push(e);
  };
  // What the hub knows to be missing takes it a while to read; meanwhile it hears of the message.
  all.changes.delayMs = 30;
  feed.consume({ readable, purge: () => undefined, ended: () => undefined });
  replica.publisher.messagesAppended(key(channel), [posted]);
  await until(() => expect(events.some((e) => e.type === 'CaughtUp' && e.channelId === channel)).toBe(true));
  const shown = events.flatMap((e) => (e.type === 'MessagePosted' ? [contentNow(e.row.entry).text] : []));
  expect(shown).toEqual(['edited']);
  await Promise.all([feed.return?.(), ada.return?.()]);
});
