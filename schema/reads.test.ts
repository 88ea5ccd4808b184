/** What the API shows, to whom, and how it says no. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, say, userId } from './testing/acts.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;
let mallory: Viewer;

beforeAll(async () => {
  world = await openWorld();
  ada = await world.person('acme', 'ada', { name: 'Ada Lovelace' });
  grace = await world.person('acme', 'grace', { name: 'Grace Hopper' });
  mallory = await world.person('evil', 'mallory');
});

afterAll(() => world.close());

const MESSAGES = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: Int, $aroundUnread: Boolean) {
  channel(id: $id) {
    messages(first: $first, after: $after, last: $last, before: $before, around: $around, aroundUnread: $aroundUnread) {
      edges { cursor node { seq text author { name } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
      position
    }
  }
}`;

async function messages(viewer: Viewer, id: string, args: Record<string, unknown> = {}) {
  const answer = await world.run(viewer, MESSAGES, { id, ...args });
  const page = answer.data?.channel?.messages;
  return {
    ...answer,
    page,
    seqs: page?.edges.map((edge: { node: { seq: number } }) => edge.node.seq),
    flags: page && [page.pageInfo.hasPreviousPage, page.pageInfo.hasNextPage],
  };
}

describe('the viewer', () => {
  test('sees themselves, their organization and nobody else as viewer', async () => {
    const { data, errors } = await world.run(
      ada,
      '{ viewer { id user { id handle name isBot deactivatedAt organization { slug } } organization { slug name } unreadTotal } }',
    );
    expect(errors).toEqual([]);
    expect(data.viewer).toMatchObject({
      user: { handle: 'ada', name: 'Ada Lovelace', isBot: false, deactivatedAt: null },
      organization: { slug: 'acme', name: 'ACME' },
    });
    const other = await world.run(grace, '{ viewer { id } }');
    expect(other.data.viewer.id).not.toBe(data.viewer.id);
  });

  test('must be signed in: every field of Query and Mutation says so', async () => {
    for (const document of [
      '{ viewer { id } }',
      '{ node(id: "x") { id } }',
      '{ channels { edges { cursor } } }',
      'mutation { joinChannel(input: { channelId: "x" }) { membership { id } } }',
    ]) {
      expect((await world.run(null, document)).codes, document).toEqual(['UNAUTHENTICATED']);
    }
  });
});

describe('history', () => {
  let id = '';
  beforeAll(async () => {
    id = await newChannel(world, ada);
    for (let i = 1; i <= 60; i += 1) await say(world, ada, id, `text ${i}`);
  });
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  test('is the newest 50, oldest first, with exact flags, count and authors', async () => {
    const { page, seqs, flags } = await messages(ada, id);
    expect(seqs).toEqual(range(11, 60));
    expect(flags).toEqual([true, false]);
    expect(page.totalCount).toBe(60);
    expect(page.edges[0].node).toEqual({ seq: 11, text: 'text 11', author: { name: 'Ada Lovelace' } });
    expect(page.pageInfo.startCursor).toBe(page.edges[0].cursor);
    expect(page.pageInfo.endCursor).toBe(page.edges[49].cursor);
  });

  test('pages both ways to the ends, where the flags say that it ends', async () => {
    const first = await messages(ada, id, { first: 40 });
    expect([first.seqs, first.flags]).toEqual([range(1, 40), [false, true]]);
    const rest = await messages(ada, id, { first: 40, after: first.page.pageInfo.endCursor });
    expect([rest.seqs, rest.flags]).toEqual([range(41, 60), [true, false]]);
    const back = await messages(ada, id, { last: 40, before: rest.page.pageInfo.startCursor });
    expect([back.seqs, back.flags]).toEqual([range(1, 40), [false, true]]);
    const none = await messages(ada, id, { after: rest.page.pageInfo.endCursor });
    expect([none.seqs, none.flags]).toEqual([[], [true, false]]);
  });

  test('its position is a cursor to page from, like any event cursor', async () => {
    const { page } = await messages(ada, id, { first: 1 });
    expect((await messages(ada, id, { after: page.position })).seqs).toEqual([]);
    expect((await messages(ada, id, { before: page.position, last: 1 })).seqs).toEqual([59]);
  });

  test('is centred on a number, or on what is unread', async () => {
    expect((await messages(ada, id, { around: 30 })).seqs).toEqual(range(6, 55));
    expect((await messages(grace, id, { aroundUnread: true })).seqs).toEqual(range(11, 60));
    await world.run(
      ada,
      'mutation ($id: ID!) { markRead(input: { channelId: $id, seq: 5, markUnread: true }) { membership { id } } }',
      { id },
    );
    expect((await messages(ada, id, { aroundUnread: true })).seqs).toEqual(range(1, 50));
    await world.run(
      ada,
      'mutation ($id: ID!) { markRead(input: { channelId: $id, seq: 60 }) { membership { id } } }',
      { id },
    );
    expect((await messages(ada, id, { aroundUnread: true })).seqs).toEqual(range(11, 60));
  });

  test.each([
    ['first with last', { first: 1, last: 1 }],
    ['a negative size', { last: -1 }],
    ['over 200', { first: 201 }],
    ['around with first', { around: 1, first: 1 }],
    ['a cursor that is none', { after: 'nonsense' }],
  ])('refuses %s', async (_, args) => {
    const { codes, data } = await messages(ada, id, args);
    expect(codes).toEqual(['BAD_USER_INPUT']);
    expect(data.channel.messages).toBeNull();
  });

  test('refuses the cursor of another channel', async () => {
    const other = await newChannel(world, ada);
    await say(world, ada, other, 'hi');
    const { page } = await messages(ada, other);
    for (const after of [page.position, page.pageInfo.endCursor]) {
      expect((await messages(ada, id, { after })).codes).toEqual(['BAD_USER_INPUT']);
    }
  });

  test('one message by its number; null beside the log', async () => {
    const { data, errors } = await world.run(
      ada,
      'query ($id: ID!) { channel(id: $id) { head firstSeq one: message(seq: 7) { text channel { id head } } over: message(seq: 61) { id } zero: message(seq: 0) { id } lastMessage { seq } } }',
      { id },
    );
    expect(errors).toEqual([]);
    expect(data.channel).toEqual({
      head: 60,
      firstSeq: 1,
      one: { text: 'text 7', channel: { id, head: 60 } },
      over: null,
      zero: null,
      lastMessage: { seq: 60 },
    });
  });

  test('cursors of dates and numbers page like any other', async () => {
    const { data } = await world.run(
      ada,
      `query ($id: ID!) { channel(id: $id) {
        start: cursorAt(date: "1970-01-01T00:00:00.000Z") zero: cursorOf(seq: 0)
        end: cursorAt(date: "2999-01-01T00:00:00.000Z") head: cursorOf(seq: 60) ten: cursorOf(seq: 10)
      } }`,
      { id },
    );
    expect(data.channel.start).toBe(data.channel.zero);
    expect(data.channel.end).toBe(data.channel.head);
    expect((await messages(ada, id, { after: data.channel.ten, first: 2 })).seqs).toEqual([11, 12]);
    for (const seq of [-1, 61]) {
      const { codes } = await world.run(
        ada,
        'query ($id: ID!, $seq: Int!) { channel(id: $id) { cursorOf(seq: $seq) } }',
        { id, seq },
      );
      expect(codes).toEqual(['BAD_USER_INPUT']);
    }
  });
});

describe('ids', () => {
  test('find every kind of node, as far as the viewer may see it', async () => {
    const channel = await newChannel(world, ada);
    await say(world, ada, channel, 'hello');
    const { data } = await world.run(
      ada,
      'query ($id: ID!) { viewer { user { id } organization { id } } channel(id: $id) { viewerMembership { id } lastMessage { id } } }',
      { id: channel },
    );
    const ids = [
      data.viewer.user.id,
      data.viewer.organization.id,
      channel,
      data.channel.viewerMembership.id,
      data.channel.lastMessage.id,
    ];
    const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';
    const seen = await world.run(ada, NODES, { ids });
    expect(seen.data.nodes).toEqual(
      ['User', 'Organization', 'Channel', 'Membership', 'Message'].map((__typename, i) => ({
        __typename,
        id: ids[i],
      })),
    );
    const one = await world.run(ada, 'query ($id: ID!) { node(id: $id) { ... on Message { text } } }', {
      id: ids[4],
    });
    expect(one.data.node).toEqual({ text: 'hello' });

    // A colleague sees all but the membership; a stranger none of it.
    const colleague = await world.run(grace, NODES, { ids });
    expect(colleague.data.nodes.map((node: { __typename: string } | null) => node?.__typename)).toEqual([
      'User',
      'Organization',
      'Channel',
      undefined,
      'Message',
    ]);
    const stranger = await world.run(mallory, NODES, { ids });
    expect([stranger.data.nodes, stranger.errors]).toEqual([[null, null, null, null, null], []]);
  });

  test('of what does not exist and what is foreign answer alike', async () => {
    const channel = await newChannel(world, ada);
    const absent = encodeId('Channel', uuidv7(Date.now()));
    for (const id of [channel, absent]) {
      const read = await world.run(
        mallory,
        'query ($id: ID!) { node(id: $id) { id } channel(id: $id) { id } }',
        { id },
      );
      expect([read.data, read.errors]).toEqual([{ node: null, channel: null }, []]);
      const write = await world.run(
        mallory,
        'mutation ($id: ID!) { joinChannel(input: { channelId: $id }) { membership { id } } }',
        { id },
      );
      expect(write.errors.map((e) => [e.message, e.extensions])).toEqual([
        ['The channel does not exist, or you may not see it.', { code: 'NOT_FOUND' }],
      ]);
    }
  });

  test.each([
    ['empty', ''],
    ['no base64', '!!!'],
    ['another spelling', `${encodeId('Channel', uuidv7(1))}=`],
    ['no UUID', encodeId('Channel', 'abc')],
    ['a type that has no nodes', encodeId('Viewer', uuidv7(1))],
    ['a message without a number', encodeId('Message', uuidv7(1))],
    ['a message of number 0', encodeId('Message', `${uuidv7(1)}:0`)],
    ['a very long one', 'x'.repeat(100_000)],
  ])('that are malformed (%s) are refused, and the others answer', async (_, id) => {
    const own = await userId(world, ada);
    const { data, codes } = await world.run(ada, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: [own, id],
    });
    expect(data.nodes).toEqual([{ id: own }, null]);
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });

  test('are taken 200 at a time', async () => {
    const { codes } = await world.run(ada, 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', {
      ids: Array.from({ length: 201 }, () => encodeId('User', uuidv7(1))),
    });
    expect(codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('finding channels and people', () => {
  test('by handle, in the own organization only', async () => {
    await newChannel(world, ada, { name: 'Lobby', handle: 'lobby' });
    const ask = '{ channel(handle: "lobby") { name } user(handle: "ada") { name } }';
    expect((await world.run(grace, ask)).data).toEqual({
      channel: { name: 'Lobby' },
      user: { name: 'Ada Lovelace' },
    });
    expect((await world.run(mallory, ask)).data).toEqual({ channel: null, user: null });
  });

  test('a private channel is there for its members alone', async () => {
    await newChannel(world, ada, { name: 'Secret', handle: 'secret', visibility: 'PRIVATE' });
    const ask =
      '{ channel(handle: "secret") { name } channels(search: "Secret") { edges { node { name } } } }';
    expect((await world.run(ada, ask)).data.channel).toEqual({ name: 'Secret' });
    const other = await world.run(grace, ask);
    expect([other.data.channel, other.data.channels.edges, other.errors]).toEqual([null, [], []]);
  });

  test('takes an id or a handle, exactly one', async () => {
    const id = await userId(world, ada);
    for (const args of [{}, { id, handle: 'ada' }]) {
      const { codes } = await world.run(
        ada,
        'query ($id: ID, $handle: String) { user(id: $id, handle: $handle) { id } channel(id: $id, handle: $handle) { id } }',
        args,
      );
      expect(codes).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
    }
    expect((await world.run(ada, '{ channel(handle: "no\\u0000such") { id } }')).data.channel).toBeNull();
  });

  test('lists by name, both ways, with exact flags, and searches', async () => {
    const organization = 'lists';
    const first = await world.person(organization, 'p0', { name: 'Person 0' });
    for (let i = 1; i < 5; i += 1) await world.person(organization, `p${i}`, { name: `Person ${i}` });
    const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $search: String) {
      users(first: $first, after: $after, last: $last, before: $before, search: $search) {
        edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
      }
    }`;
    const list = async (args: Record<string, unknown>) => {
      const { data, codes } = await world.run(first, LIST, args);
      const page = data?.users;
      return {
        codes,
        page,
        names: page?.edges.map((edge: { node: { name: string } }) => edge.node.name.slice(-1)).join(''),
        flags: page && [page.pageInfo.hasPreviousPage, page.pageInfo.hasNextPage],
      };
    };
    const front = await list({ first: 2 });
    expect([front.names, front.flags]).toEqual(['01', [false, true]]);
    const middle = await list({ first: 2, after: front.page.pageInfo.endCursor });
    expect([middle.names, middle.flags]).toEqual(['23', [true, true]]);
    const back = await list({ last: 2, before: middle.page.pageInfo.startCursor });
    expect([back.names, back.flags]).toEqual(['01', [false, true]]);
    expect((await list({ last: 2 })).names).toBe('34');
    const empty = await list({ first: 0, after: front.page.pageInfo.endCursor });
    expect([empty.names, empty.flags]).toEqual(['', [true, true]]);
    const nobody = await list({ first: 0, search: 'zz' });
    expect([nobody.names, nobody.flags]).toEqual(['', [false, false]]);
    expect((await list({ search: 'p3' })).names).toBe('3');
    for (const args of [
      { first: 1, last: 1 },
      { first: -1 },
      { last: 201 },
      { after: 'nonsense' },
      { search: 'x'.repeat(81) },
      { search: 'a\0' },
    ]) {
      expect((await list(args)).codes, JSON.stringify(args)).toEqual(['BAD_USER_INPUT']);
    }
    const channels = await world.run(
      first,
      'query ($after: String) { channels(after: $after) { edges { cursor } } }',
      {
        after: front.page.pageInfo.endCursor,
      },
    );
    expect(channels.codes).toEqual(['BAD_USER_INPUT']);
  });
});

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

  test('calls notes to self by the own name', async () => {
    await world.run(yan, 'mutation { openDirectMessage(input: { userIds: [] }) { channel { id } } }');
    const { list } = await sidebar({ types: ['DM'] }, yan);
    expect(list.toSorted()).toEqual(['Yan 0', 'Zoe 0']);
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

describe('while the message store does not answer', () => {
  test('what needs it is null and says so; the rest answers', async () => {
    const id = await newChannel(world, ada, { name: 'Resilient' });
    world.messages.isAway = true;
    try {
      const { data, errors } = await world.run(
        ada,
        `query ($id: ID!) { viewer { unreadTotal } channel(id: $id) {
          name memberCount head lastMessage { id } messages { totalCount } cursorAt(date: "2026-01-01T00:00:00Z")
          viewerMembership { title unreadCount checkpoint }
        } }`,
        { id },
      );
      expect(data).toEqual({
        viewer: { unreadTotal: null },
        channel: {
          name: 'Resilient',
          memberCount: 1,
          head: null,
          lastMessage: null,
          messages: null,
          cursorAt: null,
          viewerMembership: { title: 'Resilient', unreadCount: null, checkpoint: 0 },
        },
      });
      expect(errors).toHaveLength(6);
      for (const error of errors) {
        expect(error.extensions).toEqual({ code: 'UNAVAILABLE', retryable: true });
      }
    } finally {
      world.messages.isAway = false;
    }
  });
});
