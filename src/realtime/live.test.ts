/** What a subscription is told, in which order: the documentation of the events, as tests. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeEventCursor, encodeEventCursor } from '../chat/cursors/cursor.ts';
import { ChatError } from '../chat/errors.ts';
import type { LiveEvent } from '../chat/live/port.ts';
import { type Follower, follow, type Installation, installation, messageEntry } from './testing/replicas.ts';

const until = (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 10_000, interval: 2 });

let all: Installation;
const followers: Follower[] = [];
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop();
  await all.close();
});

type Live = ReturnType<Installation['replica']>['live'];
async function events(
  live: Live,
  user: string,
  after: string[] = [],
  replayLimit = 1_000,
): Promise<Follower> {
  const viewer = all.viewer(user);
  const follower = follow(await live.events(viewer, { after, replayLimit, connectionId: 'connection' }));
  followers.push(follower);
  return follower;
}
const cursor = (channelId: string, seq: number, rev: number, epoch = 1): string =>
  encodeEventCursor({ channelId, epoch, seq, rev });
/** An event in a few letters: what, of which number. */
const brief = (event: LiveEvent): string => {
  if (event.type === 'MessagePosted') return `m${event.row.seq}`;
  if (event.type === 'MemberJoined') return `+${event.userId}`;
  if (event.type === 'MemberLeft') return `-${event.userId}`;
  return event.type === 'CaughtUp' && event.channelId === null ? 'CaughtUp all' : event.type;
};
const briefs = (follower: Follower): string[] => follower.events.map(brief);

describe('a subscription that begins', () => {
  test('gets Ready, then the positions of its channels, then what is posted', async () => {
    all = installation();
    const { live, say, note } = all.replica();
    const [one, two] = [all.channel('ada'), all.channel('ada', 'grace')];
    all.channel('grace');
    await say(one);
    await say(two);
    await note(two, 'MEMBER_JOINED', 'grace');
    const ada = await events(live, 'ada');
    await until(() => expect(briefs(ada)).toEqual(['Ready', 'Positions', 'CaughtUp all']));
    expect(ada.events[0]).toEqual({
      type: 'Ready',
      channelId: null,
      cursor: null,
      connectionId: 'connection',
    });
    const positions = ada.events[1]?.type === 'Positions' ? ada.events[1].positions : [];
    expect(new Map(positions.map((p) => [p.channelId, p.cursor]))).toEqual(
      new Map([
        [one, cursor(one, 1, 0)],
        [two, cursor(two, 1, 1)],
      ]),
    );
    await say(two, 'hello');
    await until(() => expect(briefs(ada).at(-1)).toBe('m2'));
    expect(ada.events.at(-1)).toMatchObject({
      type: 'MessagePosted',
      channelId: two,
      cursor: cursor(two, 2, 1),
      row: { seq: 2, entry: { text: 'hello' } },
    });
  });

  test('tells at most 200 positions an event, all before anything else of those channels', async () => {
    all = installation({ timings: { silentMs: 60_000 } });
    const { live, say } = all.replica();
    await until(() => expect(live.stats().replicas).toBe(1));
    const channels = Array.from({ length: 450 }, () => all.channel('ada'));
    const ada = await events(live, 'ada');
    await until(() => expect(ada.events.length).toBe(5));
    const counts = ada.events.flatMap((e) => (e.type === 'Positions' ? [e.positions.length] : []));
    expect(counts).toEqual([200, 200, 50]);
    // One call for each log, however many channels.
    expect(all.messages.calls.heads).toBe(1);
    expect(all.changes.calls.heads).toBe(1);
    await Promise.all(channels.map((channel) => say(channel)));
    await until(() => expect(briefs(ada).filter((b) => b === 'm1').length).toBe(450));
  });

  test('a viewer without channels is ready all the same', async () => {
    all = installation();
    const ada = await events(all.replica().live, 'ada');
    await until(() => expect(briefs(ada)).toEqual(['Ready', 'CaughtUp all']));
  });

  test('refuses cursors that are not the server’s own, and more of them than anyone has', async () => {
    all = installation();
    const { live } = all.replica();
    await expect(events(live, 'ada', ['nonsense'])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const many = Array.from({ length: 5_000 }, () => cursor(randomUUID(), 0, 0));
    await expect(events(live, 'ada', many)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(live.stats().sessions).toBe(0);
  });

  test('answers UNAVAILABLE while Postgres or the message store is down, and holds on to nothing', async () => {
    all = installation();
    const { live } = all.replica();
    all.channel('ada');
    all.memberships.isDown = true;
    await expect(events(live, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    all.memberships.isDown = false;
    all.messages.isDown = true;
    await expect(events(live, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    all.messages.isDown = false;
    expect(live.stats()).toMatchObject({ sessions: 0, users: 0, channels: 0 });
    await events(live, 'ada');
  });

  test('is refused where no edge is', async () => {
    all = installation();
    const { live } = all.replica({ isEdge: false });
    await expect(events(live, 'ada')).rejects.toBeInstanceOf(ChatError);
  });
});

describe('a replay', () => {
  test('gives what was missed in the order of both logs, then CaughtUp, then what comes', async () => {
    all = installation();
    const { live, say, note } = all.replica();
    const channel = all.channel('ada');
    await say(channel);
    await note(channel, 'MEMBER_JOINED', 'old');
    await say(channel);
    await note(channel, 'MEMBER_JOINED', 'bob');
    await note(channel, 'MEMBER_LEFT', 'bob');
    await say(channel);
    const ada = await events(live, 'ada', [cursor(channel, 1, 1)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual(['Ready', 'm2', '+bob', '-bob', 'm3', 'CaughtUp', 'CaughtUp all']);
    expect(ada.events.map((e) => e.cursor)).toEqual([
      null,
      cursor(channel, 2, 1),
      cursor(channel, 2, 2),
      cursor(channel, 2, 3),
      cursor(channel, 3, 3),
      cursor(channel, 3, 3),
      null,
    ]);
    await say(channel);
    await until(() => expect(briefs(ada).at(-1)).toBe('m4'));
  });

  test('folds the channel’s updates into one, and loses none that comes later', async () => {
    all = installation();
    const { live, say, note } = all.replica();
    const channel = all.channel('ada');
    await note(channel, 'CHANNEL_UPDATED');
    await say(channel);
    await note(channel, 'CHANNEL_UPDATED');
    await note(channel, 'CHANNEL_UPDATED');
    const ada = await events(live, 'ada', [cursor(channel, 0, 0)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual(['Ready', 'ChannelUpdated', 'm1', 'CaughtUp', 'CaughtUp all']);
    expect(ada.events.find((e) => e.type === 'CaughtUp')?.cursor).toBe(cursor(channel, 1, 3));
    await note(channel, 'CHANNEL_UPDATED');
    await until(() => expect(briefs(ada).at(-1)).toBe('ChannelUpdated'));
  });

  test('tells again of an update that comes while it is read', async () => {
    all = installation({ bounds: { chunk: 1 } });
    const { live, say, note } = all.replica();
    const channel = all.channel('ada');
    await note(channel, 'CHANNEL_UPDATED');
    for (let i = 0; i < 3; i += 1) await say(channel);
    const options = { after: [cursor(channel, 0, 0)], replayLimit: 1_000, connectionId: 'c' };
    const iterator = await live.events(all.viewer('ada'), options);
    expect((await iterator.next()).value).toMatchObject({ type: 'Ready' });
    expect((await iterator.next()).value).toMatchObject({ type: 'ChannelUpdated' });
    await note(channel, 'CHANNEL_UPDATED');
    const ada = follow(iterator);
    followers.push(ada);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual(['m1', 'm2', 'm3', 'ChannelUpdated', 'CaughtUp', 'CaughtUp all']);
  });

  test('begins in the order of the cursors; of two for one channel the later counts', async () => {
    all = installation();
    const { live, say } = all.replica();
    const [one, two] = [all.channel('ada'), all.channel('ada')];
    for (const channel of [one, two]) await say(channel);
    await say(one);
    const after = [cursor(one, 0, 0), cursor(two, 0, 0), cursor(one, 1, 0)];
    const ada = await events(live, 'ada', after);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    const posted = ada.events.filter((e) => e.type === 'MessagePosted');
    expect(posted.map((e) => [e.channelId, e.row.seq])).toEqual([
      [two, 1],
      [one, 2],
    ]);
    const caughtUp = ada.events.filter((e) => e.type === 'CaughtUp').map((e) => e.channelId);
    expect(caughtUp).toEqual([two, one, null]);
  });

  test('reads in chunks, and no faster than it is taken', async () => {
    all = installation({ bounds: { chunk: 10 } });
    const { live, say } = all.replica();
    const channel = all.channel('ada');
    for (let i = 0; i < 100; i += 1) await say(channel);
    const options = { after: [cursor(channel, 0, 0)], replayLimit: 1_000, connectionId: 'c' };
    const iterator = await live.events(all.viewer('ada'), options);
    for (let i = 0; i < 4; i += 1) await iterator.next();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(all.messages.calls.rows).toBe(10);
    const rest = follow(iterator);
    followers.push(rest);
    await until(() => expect(briefs(rest)).toContain('CaughtUp all'));
    expect(all.messages.calls.range).toBe(10);
  });

  test('asks the logs nothing when nothing was missed', async () => {
    all = installation({ timings: { silentMs: 60_000 } });
    const { live, say } = all.replica();
    const channels = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const channel = all.channel('ada');
        await say(channel);
        return channel;
      }),
    );
    const after = channels.map((channel) => cursor(channel, 1, 0));
    const ada = await events(live, 'ada', after);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(all.messages.calls).toEqual({ heads: 1, range: 0, rows: 0 });
  });

  test('goes on while messages are posted, until it has them all', async () => {
    all = installation({ bounds: { chunk: 3 } });
    const { live, say } = all.replica();
    const channel = all.channel('ada');
    for (let i = 0; i < 50; i += 1) await say(channel);
    const posting = (async () => {
      for (let i = 0; i < 200; i += 1) await say(channel);
    })();
    const ada = await events(live, 'ada', [cursor(channel, 0, 0)]);
    await posting;
    await until(() => expect(briefs(ada)).toContain('m250'));
    const numbers = ada.events.flatMap((e) => (e.type === 'MessagePosted' ? [e.row.seq] : []));
    expect(numbers).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
  });

  test('survives a message store that is down for a while', async () => {
    all = installation();
    const { live, say } = all.replica();
    const [channel, other] = [all.channel('ada'), all.channel('ada')];
    await say(channel);
    const options = { after: [cursor(channel, 0, 0)], replayLimit: 1_000, connectionId: 'c' };
    const iterator = await live.events(all.viewer('ada'), options);
    all.messages.isDown = true;
    const ada = follow(iterator);
    followers.push(ada);
    all.messages.put({ organizationId: all.organizationId, channelId: other }, messageEntry('text'));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(briefs(ada)).toEqual(['Ready', 'Positions']);
    all.messages.isDown = false;
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toContain('m1');
  });
});

describe('a cursor that cannot be replayed whole', () => {
  test('too many messages: HistorySkipped says which, and the newest are replayed', async () => {
    all = installation();
    const { live, say, note } = all.replica();
    const channel = all.channel('ada');
    for (let i = 0; i < 20; i += 1) await say(channel);
    await note(channel, 'MEMBER_JOINED', 'bob');
    const ada = await events(live, 'ada', [cursor(channel, 5, 0)], 10);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(ada.events[1]).toEqual({
      type: 'HistorySkipped',
      channelId: channel,
      cursor: null,
      after: cursor(channel, 5, 0),
      before: cursor(channel, 11, 0),
      count: 5,
    });
    const numbers = Array.from({ length: 10 }, (_, i) => `m${i + 11}`);
    expect(briefs(ada)).toEqual(['Ready', 'HistorySkipped', ...numbers, '+bob', 'CaughtUp', 'CaughtUp all']);
  });

  test('exactly as many as are replayed: nothing is skipped; with a limit of 0 everything is', async () => {
    all = installation();
    const { live, say } = all.replica();
    const channel = all.channel('ada');
    for (let i = 0; i < 10; i += 1) await say(channel);
    const ada = await events(live, 'ada', [cursor(channel, 0, 0)], 10);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).not.toContain('HistorySkipped');
    const none = await events(live, 'ada', [cursor(channel, 0, 0)], 0);
    await until(() => expect(briefs(none)).toEqual(['Ready', 'HistorySkipped', 'CaughtUp', 'CaughtUp all']));
    expect(none.events[1]).toMatchObject({ before: cursor(channel, 11, 0), count: 10 });
    await say(channel);
    await until(() => expect(briefs(none).at(-1)).toBe('m11'));
  });

  test('too many changes: they are skipped, the messages are not', async () => {
    all = installation();
    const { live, say } = all.replica();
    const channel = all.channel('ada');
    const key = { organizationId: all.organizationId, channelId: channel };
    const entry = { kind: 'MEMBER_JOINED', head: 0, actorId: 'a', userId: 'b' } as const;
    for (let i = 0; i < 16_385; i += 1) all.changes.put(key, entry);
    await say(channel);
    const ada = await events(live, 'ada', [cursor(channel, 0, 0)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual([
      'Ready',
      'HistorySkipped',
      'ChannelUpdated',
      'm1',
      'CaughtUp',
      'CaughtUp all',
    ]);
    expect(ada.events[1]).toMatchObject({ after: cursor(channel, 0, 0), count: 0 });
    expect(ada.events[3]?.cursor).toBe(cursor(channel, 1, 16_385));
    expect(all.changes.calls.range).toBe(0);
  });

  test('of another epoch, or beyond the head of either log: PositionReset, then live from there', async () => {
    all = installation();
    const { live, say, note } = all.replica();
    const channels = Array.from({ length: 3 }, () => all.channel('ada'));
    const [epoch = '', messages = '', changes = ''] = channels;
    for (const channel of channels) await say(channel);
    for (const channel of channels) await note(channel, 'MEMBER_JOINED', 'bob');
    const after = [cursor(epoch, 1, 1, 2), cursor(messages, 2, 1), cursor(changes, 0, 2)];
    const ada = await events(live, 'ada', after);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    const resets = ada.events.filter((e) => e.type === 'PositionReset');
    expect(resets.map((e) => e.cursor)).toEqual(channels.map((channel) => cursor(channel, 1, 1)));
    expect(briefs(ada).filter((b) => b.startsWith('m'))).toEqual([]);
    for (const channel of channels) await say(channel);
    await until(() => expect(briefs(ada).filter((b) => b === 'm2').length).toBe(3));
  });

  test('ahead of what this replica has heard, but not of the log: no reset', async () => {
    all = installation({ timings: { routineMs: 60_000 } });
    const { live } = all.replica();
    const channel = all.channel('ada', 'grace');
    await events(live, 'grace');
    // Saved by a replica that nobody here has heard of.
    const key = { organizationId: all.organizationId, channelId: channel };
    for (let i = 0; i < 3; i += 1) all.messages.put(key, messageEntry('unheard'));
    const ada = await events(live, 'ada', [cursor(channel, 2, 0)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).not.toContain('PositionReset');
    await until(() => expect(briefs(ada)).toContain('m3'));
    expect(briefs(ada).filter((b) => b.startsWith('m'))).toEqual(['m3']);
  });

  test('of a channel that the viewer cannot read: ChannelDetached, and the rest works', async () => {
    all = installation();
    const { live, say } = all.replica();
    const [mine, foreign] = [all.channel('ada'), all.channel('grace')];
    await say(mine);
    const ada = await events(live, 'ada', [cursor(foreign, 0, 0), cursor(mine, 0, 0)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual(['Ready', 'ChannelDetached', 'm1', 'CaughtUp', 'CaughtUp all']);
    expect(ada.events[1]).toEqual({
      type: 'ChannelDetached',
      channelId: foreign,
      cursor: null,
      membershipId: null,
      reason: 'UNAVAILABLE',
    });
    await say(foreign);
    await say(mine);
    await until(() => expect(briefs(ada).at(-1)).toBe('m2'));
    expect(ada.events.filter((e) => e.channelId === foreign).length).toBe(1);
  });
});

describe('channelEvents', () => {
  const channelEvents = async (live: Live, user: string, channelId: string, after: string | null = null) => {
    const options = { channelId, after, replayLimit: 1_000, connectionId: 'c' };
    const follower = follow(await live.channelEvents(all.viewer(user), options));
    followers.push(follower);
    return follower;
  };

  test('tells of one channel, also whoever is not a member when it is public', async () => {
    all = installation();
    const { live, say } = all.replica();
    const [channel, other] = [all.channel('ada'), all.channel('bob')];
    all.memberships.channel(channel, 'PUBLIC');
    await say(channel);
    const bob = await channelEvents(live, 'bob', channel);
    const again = await channelEvents(live, 'bob', channel, cursor(channel, 0, 0));
    await say(other);
    await say(channel);
    await until(() => expect(briefs(bob)).toEqual(['Ready', 'Positions', 'CaughtUp all', 'm2']));
    await until(() => expect(briefs(again)).toEqual(['Ready', 'm1', 'CaughtUp', 'CaughtUp all', 'm2']));
    expect(bob.events.every((e) => e.channelId === null || e.channelId === channel)).toBe(true);
  });

  test('does not say whether a channel exists that the viewer may not read', async () => {
    all = installation();
    const { live } = all.replica();
    await expect(channelEvents(live, 'bob', all.channel('ada'))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(channelEvents(live, 'bob', randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const mine = all.channel('bob');
    const foreign = cursor(all.channel('ada'), 0, 0);
    await expect(channelEvents(live, 'bob', mine, foreign)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(live.stats()).toMatchObject({ sessions: 0, channels: 0 });
  });
});

describe('the iterator', () => {
  test('ends at once by return() while a next() waits, and lets go of everything', async () => {
    all = installation();
    const { live, bus } = all.replica();
    all.channel('ada');
    const idle = bus.topics();
    const iterator = await live.events(all.viewer('ada'), { after: [], replayLimit: 1, connectionId: 'c' });
    for (let i = 0; i < 3; i += 1) await iterator.next();
    const waiting = [iterator.next(), iterator.next()];
    expect(await iterator.return?.()).toEqual({ value: undefined, done: true });
    expect(await Promise.all(waiting)).toEqual([
      { value: undefined, done: true },
      { value: undefined, done: true },
    ]);
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    expect(live.stats()).toMatchObject({ sessions: 0, users: 0, channels: 0 });
    await until(() => expect(bus.topics()).toBe(idle));
  });

  test('every cursor is true: it names all that was given and nothing more', async () => {
    all = installation({ seed: 7 });
    const { live, say, note } = all.replica();
    const channel = all.channel('ada');
    for (let i = 0; i < 30; i += 1) {
      if (all.chance() < 0.5) await say(channel);
      else await note(channel, 'MEMBER_JOINED', `user${i}`);
    }
    const ada = await events(live, 'ada', [cursor(channel, 0, 0)]);
    for (let i = 0; i < 30; i += 1) {
      if (all.chance() < 0.5) await say(channel);
      else await note(channel, 'MEMBER_LEFT', `user${i}`);
    }
    await until(() => expect(ada.events.filter((e) => e.cursor !== null).length).toBe(61));
    const given = { seq: 0, rev: 0 };
    for (const event of ada.events) {
      if (event.type === 'MessagePosted') given.seq += 1;
      if (event.type === 'MemberJoined' || event.type === 'MemberLeft') given.rev += 1;
      if (event.cursor !== null) expect(decodeEventCursor(event.cursor)).toMatchObject(given);
    }
  });
});
