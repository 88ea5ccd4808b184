/** Finding people, channels and anything by its id: what is shown to whom. */
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
