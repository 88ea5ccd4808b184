/** What a subscription is told first, and of what: the documentation of the events, as tests. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeEventCursor } from '../chat/cursors/cursor.ts';
import { ChatError } from '../chat/errors.ts';
import { briefs, cursor, until } from './testing/reading.ts';
import { type Follower, follow, type Installation, installation, type Replica } from './testing/replicas.ts';

let all: Installation;
const followers: Follower[] = [];
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop();
  await all.close();
});

async function events(
  { live }: Pick<Replica, 'live'>,
  user: string,
  after: string[] = [],
  replayLimit = 1_000,
): Promise<Follower> {
  const viewer = all.viewer(user);
  const follower = follow(await live.events(viewer, { after, replayLimit, connectionId: 'connection' }));
  followers.push(follower);
  return follower;
}

describe('a subscription that begins', () => {
  test('gets Ready, then the positions of its channels, then what is posted', async () => {
    all = installation();
    const { live, say, note } = all.replica();
    const [one, two] = [all.channel('ada'), all.channel('ada', 'grace')];
    all.channel('grace');
    await say(one);
    await say(two);
    await note(two, 'MEMBER_JOINED', 'grace');
    const ada = await events({ live }, 'ada');
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
    const ada = await events({ live }, 'ada');
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
    const ada = await events(all.replica(), 'ada');
    await until(() => expect(briefs(ada)).toEqual(['Ready', 'CaughtUp all']));
  });

  test('refuses cursors that are not the server’s own, and more of them than anyone has', async () => {
    all = installation();
    const { live } = all.replica();
    await expect(events({ live }, 'ada', ['nonsense'])).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    const many = Array.from({ length: 5_000 }, () => cursor(randomUUID(), 0, 0));
    await expect(events({ live }, 'ada', many)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(live.stats().sessions).toBe(0);
  });

  test('answers UNAVAILABLE while Postgres or the message store is down, and holds on to nothing', async () => {
    all = installation();
    const { live } = all.replica();
    all.channel('ada');
    all.memberships.isDown = true;
    await expect(events({ live }, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    all.memberships.isDown = false;
    all.messages.isDown = true;
    await expect(events({ live }, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    all.messages.isDown = false;
    expect(live.stats()).toMatchObject({ sessions: 0, users: 0, channels: 0 });
    await events({ live }, 'ada');
  });

  test('is refused where no edge is', async () => {
    all = installation();
    const { live } = all.replica({ isEdge: false });
    await expect(events({ live }, 'ada')).rejects.toBeInstanceOf(ChatError);
  });
});

describe('channelEvents', () => {
  const channelEvents = async (
    { live }: Pick<Replica, 'live'>,
    user: string,
    channelId: string,
    after: string | null = null,
  ) => {
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
    const bob = await channelEvents({ live }, 'bob', channel);
    const again = await channelEvents({ live }, 'bob', channel, cursor(channel, 0, 0));
    await say(other);
    await say(channel);
    await until(() => expect(briefs(bob)).toEqual(['Ready', 'Positions', 'CaughtUp all', 'm2']));
    await until(() => expect(briefs(again)).toEqual(['Ready', 'm1', 'CaughtUp', 'CaughtUp all', 'm2']));
    expect(bob.events.every((e) => e.channelId === null || e.channelId === channel)).toBe(true);
  });

  test('does not say whether a channel exists that the viewer may not read', async () => {
    all = installation();
    const { live } = all.replica();
    await expect(channelEvents({ live }, 'bob', all.channel('ada'))).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(channelEvents({ live }, 'bob', randomUUID())).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const mine = all.channel('bob');
    const foreign = cursor(all.channel('ada'), 0, 0);
    await expect(channelEvents({ live }, 'bob', mine, foreign)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
    });
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
    const ada = await events({ live }, 'ada', [cursor(channel, 0, 0)]);
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
