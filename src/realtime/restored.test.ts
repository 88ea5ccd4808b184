/** A cell that was restored from a backup: listeners are told to begin anew, wherever they are. */
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

async function events({ live }: Replica, user: string, after: string[] = [], epoch = 1): Promise<Follower> {
  const viewer = all.viewer(user, epoch);
  const follower = follow(await live.events(viewer, { after, replayLimit: 1_000, connectionId: 'c' }));
  followers.push(follower);
  await until(() => expect(briefs(follower)).toContain('CaughtUp all'));
  return follower;
}

/** The logs are as they were after so many entries, and go on otherwise. */
function restoreTo(channelId: string, seq: number, rev: number): void {
  const name = `${all.organizationId}:${channelId}`;
  all.messages.rows.get(name)?.splice(seq);
  all.changes.rows.get(name)?.splice(rev);
}
const key = (channelId: string) => ({ organizationId: all.organizationId, channelId });

describe('after a restore', () => {
  test('subscriptions on two replicas begin anew at the restored end', async () => {
    all = installation({ timings: { silentMs: 60_000 } });
    const [here, there] = [all.replica(), all.replica()];
    const channels = [all.channel('ada'), all.channel('ada')];
    for (const channel of channels) {
      for (let i = 0; i < 5; i += 1) await here.say(channel, 'old');
      await here.note(channel, 'MEMBER_JOINED', 'bob');
    }
    const both = [await events(here, 'ada'), await events(there, 'ada')];
    for (const channel of channels) restoreTo(channel, 3, 0);
    // In the same moment: one that looked at a log before it knew would end its subscriptions, to be resumed.
    for (const replica of [here, there]) replica.epochs.raise();
    for (const one of both) {
      await until(() =>
        expect(one.events.flatMap((e) => (e.type === 'PositionReset' ? [e.cursor] : [])).sort()).toEqual(
          channels.map((channel) => cursor(channel, 3, 0, 2)).sort(),
        ),
      );
    }
    await there.say(channels[0] ?? '', 'new');
    for (const one of both) {
      await until(() =>
        expect(one.events.at(-1)).toMatchObject({
          type: 'MessagePosted',
          cursor: cursor(channels[0] ?? '', 4, 0, 2),
          row: { seq: 4, entry: { text: 'new' } },
        }),
      );
      expect(briefs(one).filter((b) => b === 'PositionReset')).toHaveLength(2);
      expect(briefs(one).filter((b) => b.startsWith('m'))).toEqual(['m4']);
    }
  });

  test('of another cell nobody is told', async () => {
    all = installation();
    const here = all.replica();
    const channel = all.channel('ada');
    await here.say(channel);
    const ada = await events(here, 'ada');
    here.epochs.raiseOther();
    await here.say(channel);
    await until(() => expect(briefs(ada)).toContain('m2'));
    expect(briefs(ada)).not.toContain('PositionReset');
    // Its place is of the same subscription as before: nothing was begun anew behind the scenes.
    expect(ada.events.at(-1)?.cursor).toBe(cursor(channel, 2, 0));
  });

  test('a log that has gone on beyond its old end is told from the old one all the same', async () => {
    all = installation();
    const replica = all.replica();
    const channel = all.channel('ada');
    for (let i = 0; i < 5; i += 1) await replica.say(channel, 'old');
    const ada = await events(replica, 'ada');
    restoreTo(channel, 2, 0);
    // As many as before and more, of which this replica has heard nothing.
    for (let i = 0; i < 5; i += 1) all.messages.put(key(channel), messageEntry('new'));
    replica.epochs.raise();
    await until(() => expect(briefs(ada).at(-1)).toBe('PositionReset'));
    expect(ada.events.at(-1)?.cursor).toBe(cursor(channel, 7, 0, 2));
    await replica.say(channel);
    await until(() => expect(briefs(ada).slice(-2)).toEqual(['PositionReset', 'm8']));
  });

  test('old cursors are answered with PositionReset, by a replica that learns of it from the viewer too', async () => {
    all = installation();
    const replica = all.replica();
    const channel = all.channel('ada', 'grace');
    for (let i = 0; i < 5; i += 1) await replica.say(channel);
    const grace = await events(replica, 'grace');
    const back = await events(replica, 'ada', [cursor(channel, 4, 0)], 2);
    expect(briefs(back)).toEqual(['Ready', 'PositionReset', 'CaughtUp', 'CaughtUp all']);
    expect(back.events[1]?.cursor).toBe(cursor(channel, 5, 0, 2));
    // Who was there already hears of it with them.
    await until(() => expect(briefs(grace).at(-1)).toBe('PositionReset'));
  });

  test('what waits in a queue, or is being replayed, is of the old numbering and is dropped', async () => {
    all = installation({ bounds: { chunk: 2 } });
    const replica = all.replica();
    const channel = all.channel('ada');
    for (let i = 0; i < 20; i += 1) await replica.say(channel, 'old');
    const options = { after: [cursor(channel, 0, 0)], replayLimit: 1_000, connectionId: 'c' };
    const iterator = await replica.live.events(all.viewer('ada'), options);
    const first = [await iterator.next(), await iterator.next()];
    expect(first.map(({ value }) => value?.type)).toEqual(['Ready', 'MessagePosted']);
    restoreTo(channel, 10, 0);
    replica.epochs.raise();
    const ada = follow(iterator);
    followers.push(ada);
    await until(() => expect(briefs(ada)).toContain('PositionReset'));
    await replica.say(channel, 'new');
    await until(() => expect(briefs(ada).at(-1)).toBe('m11'));
    const told = briefs(ada).filter((b) => b !== 'CaughtUp all');
    expect(told.slice(-3)).toEqual(['PositionReset', 'CaughtUp', 'm11']);
    expect(ada.events.find((e) => e.type === 'PositionReset')?.cursor).toBe(cursor(channel, 10, 0, 2));
  });

  test('a store that is away for a while only delays it; who lost the channel meanwhile is told so', async () => {
    all = installation();
    const replica = all.replica();
    const [kept, lost] = [all.channel('ada'), all.channel('ada')];
    const ada = await events(replica, 'ada');
    all.messages.isDown = true;
    replica.epochs.raise();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(briefs(ada)).not.toContain('PositionReset');
    all.memberships.leave(lost, 'ada');
    all.messages.isDown = false;
    await until(() => expect(briefs(ada).slice(-2).sort()).toEqual(['ChannelDetached', 'PositionReset']));
    expect(ada.events.find((e) => e.type === 'ChannelDetached')?.channelId).toBe(lost);
    expect(ada.events.find((e) => e.type === 'PositionReset')?.channelId).toBe(kept);
  });

  test('a removal while it begins anew cuts the channel', async () => {
    all = installation();
    const replica = all.replica();
    const channel = all.channel('ada');
    const ada = await events(replica, 'ada');
    all.messages.delayMs = 20;
    replica.epochs.raise();
    all.memberships.leave(channel, 'ada');
    await replica.publisher.revoke({
      organizationId: all.organizationId,
      userId: 'ada',
      channelId: channel,
      membershipId: 'membership',
      membershipRev: 1,
      reason: 'REMOVED',
      mayStillRead: false,
    });
    await replica.say(channel);
    await until(() => expect(briefs(ada).at(-1)).toBe('ChannelDetached'));
    expect(briefs(ada).filter((b) => b.startsWith('m'))).toEqual([]);
    await until(() => expect(replica.live.stats().channels).toBe(0));
  });
});
