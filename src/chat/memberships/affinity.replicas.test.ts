/** Affinity over weeks, on two replicas and both databases: exact at any time, with nothing that runs meanwhile. */
import { expect, test, vi } from 'vitest';
import { onTwoReplicas } from '../channels/testing/on-two-replicas.ts';
import { eventually } from '../channels/testing/threads-scene.ts';
import { READ_POINTS, SEND_POINTS } from './affinity.ts';

const DAY = 24 * 60 * 60 * 1000;
const WEEK = 7 * DAY;

await onTwoReplicas('affinity', (scene) => {
  test('grows with each send and read on any replica, halves every 7 days, and orders the sidebar', async () => {
    await using at = await scene();
    const { ada, grace, channel, organizationId, here, there } = at;
    let now = Date.now() + DAY;
    vi.spyOn(here.ports.clock, 'now').mockImplementation(() => now);
    try {
      const other = await here.chat.channels.create(ada, {
        clientChannelId: null,
        name: 'Other',
        handle: null,
        topic: '',
        visibility: 'PRIVATE',
        postingPolicy: 'EVERYONE',
        memberIds: [grace.userId],
      });
      /** What each channel's points come to by the definition. */
      const gained = new Map<string, { points: number; at: number }[]>([
        [channel.id, []],
        [other.id, []],
      ]);
      const byDefinition = (channelId: string) =>
        (gained.get(channelId) ?? []).reduce(
          (sum, { points, at: when }) => sum + points * 2 ** (-(now - when) / WEEK),
          0,
        );
      const gain = (channelId: string, points: number) => gained.get(channelId)?.push({ points, at: now });
      const score = async (channelId: string) => {
        const [membership] = await there.chat.memberships.ofViewer(grace, [channelId]);
        return membership === undefined ? Number.NaN : there.chat.memberships.affinityScore(membership);
      };
      const expectScores = async () => {
        for (const id of [channel.id, other.id]) {
          await eventually(async () => expect(await score(id)).toBeCloseTo(byDefinition(id), 9));
        }
      };
      const send = async (replica: typeof here, channelId: string) => {
        await replica.chat.messages.send(grace, {
          channelId,
          text: 'hello',
          metadata: null,
          clientMessageId: null,
          basis: null,
        });
        gain(channelId, SEND_POINTS);
      };
      for (const replica of [here, there, here]) await send(replica, channel.id);
      await expectScores();
      // Read on: a quarter. Read before, or marked unread: nothing.
      await at.say(ada, 'news');
      const mark = (seq: number, markUnread: boolean) =>
        there.chat.memberships.markRead(grace, { channelId: channel.id, seq, markUnread });
      await mark(5, false);
      gain(channel.id, READ_POINTS);
      await mark(2, false);
      await mark(1, true);
      await expectScores();
      const first = byDefinition(channel.id);
      now += WEEK;
      expect(await score(channel.id)).toBeCloseTo(first / 2, 9);
      now += 2 * WEEK;
      expect(await score(channel.id)).toBeCloseTo(first / 8, 9);
      const order = async (replica: typeof here) =>
        (
          await replica.chat.memberships.page(
            grace,
            { orderBy: 'AFFINITY', unreadOnly: false },
            { limit: 10, backward: false },
          )
        ).items.map(({ node }) => node.channelId);
      expect(await order(there)).toEqual([channel.id, other.id]);
      // One message today outweighs three of three weeks ago.
      await send(there, other.id);
      await expectScores();
      for (const replica of [here, there]) expect(await order(replica)).toEqual([other.id, channel.id]);
      // What orders them does not move with time.
      now += 8 * WEEK;
      expect(await order(here)).toEqual([other.id, channel.id]);
      await expectScores();
      expect(organizationId).toBe(channel.organizationId);
    } finally {
      vi.restoreAllMocks();
    }
  });
});
