/** Every field is batched: what a list costs does not grow with the list. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uuidv7 } from '../src/chat/ids.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, say } from './testing/acts.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let ada: Viewer;

beforeAll(async () => {
  world = await openWorld();
  ada = await world.person('acme', 'ada');
});

afterAll(() => world.close());

/** Store calls of one query by name. */
async function cost(viewer: Viewer, document: string, variables: Record<string, unknown>) {
  world.calls.take();
  const { data, errors } = await world.run(viewer, document, variables);
  expect(errors).toEqual([]);
  // The domain's timers may come in between on a busy machine: no request makes these calls.
  const { 'channels.touchActivity': _activity, 'outbox.due': _sweep, ...calls } = world.calls.take();
  return { data, calls };
}

test('a page of 200 messages with authors costs what a page of one costs', async () => {
  const people = await Promise.all(
    Array.from({ length: 20 }, (_, i) => world.person('acme', `writer-${i}`, { name: `Writer ${i}` })),
  );
  const id = await newChannel(world, ada);
  for (const writer of people) {
    await world.run(
      writer,
      'mutation ($id: ID!) { joinChannel(input: { channelId: $id }) { membership { id } } }',
      { id },
    );
  }
  for (let i = 0; i < 200; i += 1) {
    const writer = people[i % people.length] ?? ada;
    await say(world, writer, id, `@ada and @writer-${i % 20}: ${i}`);
  }
  const PAGE = `query ($id: ID!, $first: Int) { channel(id: $id) {
    messages(first: $first) {
      totalCount position
      edges { node {
        id text createdAt author { name organization { slug } } mentions { user { name } }
        channel { name head memberCount viewerMembership { id unreadCount } }
      } }
    }
  } }`;
  const one = await cost(ada, PAGE, { id, first: 1 });
  const many = await cost(ada, PAGE, { id, first: 200 });
  expect(many.data.channel.messages.edges).toHaveLength(200);
  expect(many.calls).toEqual(one.calls);
  expect(many.calls).toEqual({
    // Where a log ends costs two calls: its tail hint, and the state of the bucket that it names.
    'changeStore.states': 1,
    'changeStore.tailHints': 1,
    'channels.byIds': 1,
    'channels.memberCounts': 1,
    'memberships.ofUser': 1,
    'messageStore.range': 1,
    'messageStore.states': 1,
    'messageStore.tailHints': 1,
    'organizations.byIds': 1,
    'users.byIds': 1,
  });
});

test('a sidebar of 200 channels and DMs costs what one of two costs', async () => {
  const { organizationId } = ada.tenant;
  const SIDEBAR = `{ viewer { memberships(first: 200) { edges { node {
    title unreadCount affinityScore
    channel { name type head memberCount lastMessage { text author { name } } viewerMembership { role } }
  } } } } }`;

  /** Someone with as many channels, half of them DMs, each with a message. */
  async function busy(handle: string, count: number): Promise<Viewer> {
    const viewer = await world.person('acme', handle);
    for (let i = 0; i < count; i += 1) {
      const other = await world.person('acme', `${handle}-${i}`);
      const id = uuidv7(Date.now());
      if (i % 2 === 0) {
        await world.relational.channels.openDirectMessage({
          id,
          organizationId,
          userIds: [viewer.userId, other.userId],
        });
      } else {
        await world.relational.channels.create({
          id,
          organizationId,
          type: 'CHANNEL',
          visibility: 'PUBLIC',
          postingPolicy: 'EVERYONE',
          name: `${handle} ${i}`,
          handle: `${handle}-${i}`,
          topic: '',
          creatorId: viewer.userId,
          memberIds: [other.userId],
        });
      }
      await world.chat.messages.send(other, {
        channelId: id,
        text: 'hi',
        metadata: null,
        clientMessageId: null,
        basis: null,
      });
    }
    return viewer;
  }

  const few = await cost(await busy('few', 2), SIDEBAR, {});
  const many = await cost(await busy('many', 200), SIDEBAR, {});
  const edges = many.data.viewer.memberships.edges;
  expect(edges).toHaveLength(200);
  for (const { node } of edges) {
    expect(node).toMatchObject({ unreadCount: 1, channel: { head: 1, lastMessage: { text: 'hi' } } });
    expect(node.title).toMatch(/^many/);
  }
  expect(many.calls).toEqual(few.calls);
  expect(many.calls).toEqual({
    'channels.byIds': 1,
    'channels.memberCounts': 1,
    'memberships.memberIds': 1,
    'memberships.pageOfUser': 1,
    'messageStore.rows': 1,
    'messageStore.states': 1,
    'messageStore.tailHints': 1,
    // Those whose names are titles, then those whose messages are last.
    'users.byIds': 2,
  });
}, 120_000);

test('the lists of channels, people and members cost what their pages cost', async () => {
  const first = await newChannel(world, ada);
  const LISTS = `query ($id: ID!, $first: Int) {
    users(first: $first) { edges { node { name organization { name } } } }
    channels(first: $first) { edges { node { name memberCount head lastMessage { text } viewerMembership { title } } } }
    channel(id: $id) { members(first: $first) { edges { node { role user { name } } } } }
  }`;
  const one = await cost(ada, LISTS, { id: first, first: 1 });
  const many = await cost(ada, LISTS, { id: first, first: 200 });
  expect(many.data.channels.edges.length).toBeGreaterThan(50);
  // The members of one page are people of the other: at most one call more finds them.
  const { 'users.byIds': _, ...rest } = many.calls;
  const { 'users.byIds': __, ...restOfOne } = one.calls;
  expect(rest).toEqual({ ...restOfOne, 'messageStore.rows': 1 });
});

test('a usual send costs two questions, the append, and nothing else', async () => {
  const id = await newChannel(world, ada);
  const SEND =
    'mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { id seq } isDuplicate } }';
  await say(world, ada, id, 'the first finds where the log ends');
  const { calls } = await cost(ada, SEND, { input: { channelId: id, text: 'hello', basis: 1 } });
  const { 'memberships.advance': _, ...awaited } = calls;
  expect(awaited).toEqual({ 'channels.byIds': 1, 'memberships.ofUser': 1, 'messageStore.append': 1 });
});
