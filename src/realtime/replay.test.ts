import { afterEach, describe, expect, test } from 'vitest';
import { briefs, cursor, until } from './testing/reading.ts';
import {
  type Follower,
  follow,
  type Installation,
  installation,
  messageEntry,
  type Replica,
} from './testing/replicas.ts';

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
    const ada = await events({ live }, 'ada', [cursor(channel, 1, 1)]);
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
    const ada = await events({ live }, 'ada', [cursor(channel, 0, 0)]);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).toEqual(['Ready', 'ChannelUpdated', 'm1', 'CaughtUp', 'CaughtUp all']);
    expect(ada.events.find((e) => e.type === 'CaughtUp')?.cursor).toBe(cursor(channel, 1, 3));
    // One update stands for all three, so it and what follows show the channel as the last of them left it.
    const replayed = ada.events.filter((e) => e.type === 'ChannelUpdated' || e.type === 'MessagePosted');
    expect(replayed.map((e) => e.asOf)).toEqual([3, 3]);
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
    const ada = await events({ live }, 'ada', after);
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
    const ada = await events({ live }, 'ada', after);
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
    const ada = await events({ live }, 'ada', [cursor(channel, 0, 0)]);
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
