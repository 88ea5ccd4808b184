/** A thread is read by the right of its parent: who is removed from the parent hears no more of the thread either. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import type { Visibility } from '../chat/channels/port.ts';
import { briefs, until } from './testing/reading.ts';
import { type Follower, follow, type Installation, installation, type Replica } from './testing/replicas.ts';

let all: Installation;
const followers: Follower[] = [];
afterEach(async () => {
  for (const follower of followers.splice(0)) await follower.stop();
  await all.close();
});

/** A channel of ada and grace, and a thread in it, on two replicas. */
function begin(visibility: Visibility = 'PRIVATE') {
  all = installation({ timings: { revokeMs: 1_000_000 } });
  const [here, there] = [all.replica(), all.replica()];
  const channel = randomUUID();
  all.memberships.channel(channel, visibility);
  for (const user of ['ada', 'grace']) all.memberships.join(channel, user);
  const thread = randomUUID();
  all.memberships.thread(thread, channel);
  return { here, there, channel, thread };
}
const subscribe = ({ live }: Replica, user: string, channelId: string) =>
  live.channelEvents(all.viewer(user), { channelId, after: null, replayLimit: 1_000, connectionId: 'c' });
async function listen(replica: Replica, user: string, channelId: string): Promise<Follower> {
  const follower = follow(await subscribe(replica, user, channelId));
  followers.push(follower);
  await until(() => expect(briefs(follower)).toContain('CaughtUp all'));
  return follower;
}
const revoke = ({ publisher }: Replica, channelId: string, userId: string, mayStillRead = false) =>
  publisher.revoke({
    organizationId: all.organizationId,
    userId,
    channelId,
    membershipId: 'membership',
    membershipRev: 1,
    reason: 'REMOVED',
    mayStillRead,
  });
const knowEachOther = (...replicas: Replica[]) =>
  until(() =>
    expect(replicas.map((r) => r.live.stats().replicas)).toEqual(replicas.map(() => replicas.length)),
  );

describe('removing from a channel', () => {
  test('ends its threads’ subscriptions everywhere before it returns, and nobody else’s', async () => {
    const { here, there, channel, thread } = begin();
    const ada = [await listen(here, 'ada', thread), await listen(there, 'ada', thread)];
    const grace = await listen(there, 'grace', thread);
    await knowEachOther(here, there);
    all.memberships.leave(channel, 'ada');
    // The word alone must do: nobody can look at the memberships again.
    all.memberships.beforeAnswer = () => new Promise(() => undefined);
    await revoke(here, channel, 'ada');
    const told = ada.map(({ events }) => events.length);
    await here.say(thread);
    await until(() => expect(briefs(grace).at(-1)).toBe('m1'));
    for (const [i, one] of ada.entries()) {
      await one.ended;
      expect(one.events.slice(told[i]).filter((event) => event.type !== 'ChannelDetached')).toEqual([]);
      expect(one.events.at(-1)).toEqual({
        type: 'ChannelDetached',
        channelId: thread,
        cursor: null,
        membershipId: null,
        reason: 'REMOVED',
      });
    }
  });

  test('while the subscription asks who may read: what was answered before does not count', async () => {
    const { here, channel, thread } = begin();
    let revoking: Promise<void> | null = null;
    all.memberships.beforeAnswer = async () => {
      // The thread and the viewer's place in it were read; the parent's membership has just been.
      if (revoking !== null || all.memberships.reads < 3) return;
      all.memberships.leave(channel, 'ada');
      revoking = revoke(here, channel, 'ada');
    };
    await expect(subscribe(here, 'ada', thread)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await revoking;
    expect(here.live.stats()).toMatchObject({ sessions: 0, channels: 0 });
  });

  test('of another channel leaves the thread alone', async () => {
    const { here, thread } = begin();
    const ada = await listen(here, 'ada', thread);
    await revoke(here, all.channel('ada'), 'ada');
    await here.say(thread);
    await until(() => expect(briefs(ada).at(-1)).toBe('m1'));
  });

  test('that is public leaves its threads open to whoever was a member', async () => {
    const { here, channel, thread } = begin('PUBLIC');
    const ada = await listen(here, 'ada', thread);
    all.memberships.leave(channel, 'ada');
    await revoke(here, channel, 'ada', true);
    await here.say(thread);
    await until(() => expect(briefs(ada).at(-1)).toBe('m1'));
  });

  test('unheard by an edge is found when it looks at the memberships again', async () => {
    const { here, there, channel, thread } = begin();
    const ada = await listen(there, 'ada', thread);
    await knowEachOther(here, there);
    there.bus.cut(true);
    all.memberships.leave(channel, 'ada');
    there.bus.restore();
    await ada.ended;
    expect(ada.events.at(-1)).toMatchObject({ type: 'ChannelDetached', channelId: thread });
  });
});
