/** The sidebar: titles, unread counts, orders and filters. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, say, userId } from './testing/acts.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;

beforeAll(async () => {
  world = await openWorld();
});

afterAll(() => world.close());

describe('the sidebar', () => {
  const SIDEBAR = `query ($orderBy: MembershipOrder, $types: [ChannelType!], $unreadOnly: Boolean, $first: Int, $after: String, $last: Int, $before: String) {
    viewer { unreadTotal memberships(orderBy: $orderBy, types: $types, unreadOnly: $unreadOnly, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { title unreadCount checkpoint isMuted channel { type name } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }
  }`;
  let zoe: Viewer;
  let yan: Viewer;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    zoe = await world.person('bar', 'zoe', { name: 'Zoe' });
    yan = await world.person('bar', 'yan', { name: 'Yan' });
    const members = [await userId(world, zoe)];
    for (const name of ['A', 'B', 'C', 'D', 'E']) {
      ids[name] = await newChannel(world, yan, { name, memberIds: members });
    }
    const { data } = await world.run(
      yan,
      'mutation ($ids: [ID!]!) { openDirectMessage(input: { userIds: $ids }) { channel { id } } }',
      { ids: members },
    );
    ids.dm = data.openDirectMessage.channel.id;
    for (const name of ['A', 'C', 'C', 'D', 'dm']) await say(world, yan, ids[name] ?? '', 'hi');
  });

  const sidebar = async (args: Record<string, unknown>, viewer = zoe) => {
    const { data, errors } = await world.run(viewer, SIDEBAR, args);
    expect(errors).toEqual([]);
    const { memberships, unreadTotal } = data.viewer;
    return {
      unreadTotal,
      memberships,
      list: memberships.edges.map(
        ({ node }: { node: { title: string; unreadCount: number } }) => `${node.title} ${node.unreadCount}`,
      ),
      flags: [memberships.pageInfo.hasPreviousPage, memberships.pageInfo.hasNextPage],
    };
  };

  test('has titles (the other people of a DM), unread counts and their sum', async () => {
    const { list, unreadTotal } = await sidebar({ orderBy: 'NAME' });
    expect(list.toSorted()).toEqual(['A 1', 'B 0', 'C 2', 'D 1', 'E 0', 'Yan 1']);
    expect(unreadTotal).toBe(5);
  });

  test('orders by the latest activity, a moment ago too', async () => {
    const latest = async () => (await sidebar({ orderBy: 'LATEST_ACTIVITY' })).list;
    expect((await latest()).slice(0, 4)).toEqual(['Yan 1', 'D 1', 'C 2', 'A 1']);
  });

  test('calls notes to self by the own name', async () => {
    await world.run(yan, 'mutation { openDirectMessage(input: { userIds: [] }) { channel { id } } }');
    // What Yan sent moves Yan's checkpoint a little later: nobody waits for that.
    await vi.waitFor(
      async () => {
        const { list } = await sidebar({ types: ['DM'] }, yan);
        expect(list.toSorted()).toEqual(['Yan 0', 'Zoe 0']);
      },
      { timeout: 10_000 },
    );
  });

  test('shows DMs alone, or what is unread alone, page by page with exact flags', async () => {
    expect((await sidebar({ types: ['DM'] })).list).toEqual(['Yan 1']);
    const channels = { types: ['CHANNEL'], orderBy: 'NAME', unreadOnly: true };
    const all = await sidebar(channels);
    expect([all.list, all.flags]).toEqual([
      ['A 1', 'C 2', 'D 1'],
      [false, false],
    ]);
    const first = await sidebar({ ...channels, first: 1 });
    expect([first.list, first.flags]).toEqual([['A 1'], [false, true]]);
    const next = await sidebar({ ...channels, first: 1, after: first.memberships.pageInfo.endCursor });
    expect([next.list, next.flags]).toEqual([['C 2'], [true, true]]);
    const last = await sidebar({ ...channels, last: 1 });
    expect([last.list, last.flags]).toEqual([['D 1'], [true, false]]);
    const beyond = await sidebar({ ...channels, after: last.memberships.pageInfo.endCursor });
    expect([beyond.list, beyond.flags]).toEqual([[], [true, false]]);
    const none = await sidebar({ ...channels, first: 0 });
    expect([none.list, none.flags]).toEqual([[], [false, true]]);
    const two = await sidebar({ ...channels, last: 2, before: last.memberships.pageInfo.startCursor });
    expect([two.list, two.flags]).toEqual([
      ['A 1', 'C 2'],
      [false, true],
    ]);
  });

  test('leaves muted channels out of the sum', async () => {
    await world.run(
      zoe,
      'mutation ($id: ID!) { updateMembership(input: { channelId: $id, isMuted: true }) { membership { id } } }',
      { id: ids.C },
    );
    expect((await sidebar({})).unreadTotal).toBe(3);
  });

  test("refuses another order's cursor", async () => {
    const { memberships } = await sidebar({ orderBy: 'NAME', first: 1 });
    const { codes } = await world.run(zoe, SIDEBAR, {
      orderBy: 'AFFINITY',
      after: memberships.pageInfo.endCursor,
    });
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });
});
