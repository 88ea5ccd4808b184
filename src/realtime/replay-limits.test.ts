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

describe('a cursor that cannot be replayed whole', () => {
  test('too many messages: HistorySkipped says which, and the newest are replayed', async () => {
    all = installation();
    const { live, say, note } = all.replica();
    const channel = all.channel('ada');
    for (let i = 0; i < 20; i += 1) await say(channel);
    await note(channel, 'MEMBER_JOINED', 'bob');
    const ada = await events({ live }, 'ada', [cursor(channel, 5, 0)], 10);
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
    const ada = await events({ live }, 'ada', [cursor(channel, 0, 0)], 10);
    await until(() => expect(briefs(ada)).toContain('CaughtUp all'));
    expect(briefs(ada)).not.toContain('HistorySkipped');
    const none = await events({ live }, 'ada', [cursor(channel, 0, 0)], 0);
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
    const ada = await events({ live }, 'ada', [cursor(channel, 0, 0)]);
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
    const ada = await events({ live }, 'ada', after);
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
    await events({ live }, 'grace');
    // Saved by a replica that nobody here has heard of.
    const key = { organizationId: all.organizationId, channelId: channel };
    for (let i = 0; i < 3; i += 1) all.messages.put(key, messageEntry('unheard'));
    const ada = await events({ live }, 'ada', [cursor(channel, 2, 0)]);
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
    const ada = await events({ live }, 'ada', [cursor(foreign, 0, 0), cursor(mine, 0, 0)]);
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
