/** Every field is batched: what a list costs does not grow with the list. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { uuidOf } from '../resolvers/global-id.ts';
import { encodeEventCursor } from '../src/chat/cursors/cursor.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, post, say } from './testing/acts.ts';
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
  // The domain's timers, and what follows sends made before, may come in between on a busy machine: no request
  // waits for these calls.
  const {
    'channels.touchActivity': _activity,
    'memberships.advance': _ownSends,
    'outbox.due': _sweep,
    'notifications.tell': _told,
    'notifications.audience': _alerted,
    'ephemeral.replacePresence': _beat,
    ...calls
  } = world.calls.take();
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
    title unreadCount mentionCount affinityScore
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
    'notifications.mentionCounts': 1,
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
  // What is kept of the two is looked at first; that asks nobody.
  const { 'channels.byIdNow': _, 'memberships.ofUserNow': __, ...asked } = calls;
  expect({ 'channels.byIds': 1, 'memberships.ofUser': 1, ...asked }).toEqual({
    'channels.byIds': 1,
    'memberships.ofUser': 1,
    'messageStore.append': 1,
  });
});

describe('what changes made of messages', () => {
  let id = '';
  let people: readonly Viewer[] = [];
  let messages: readonly string[] = [];

  beforeAll(async () => {
    id = await newChannel(world, ada);
    people = await Promise.all(Array.from({ length: 6 }, (_, i) => world.person('acme', `fan-${i}`)));
    const channelId = uuidOf('Channel', id);
    for (const viewer of people) await world.chat.channels.join(viewer, channelId);
    const posted: string[] = [];
    for (let i = 1; i <= 50; i += 1) {
      const author = people[i % people.length] ?? ada;
      posted.push(await post(world, author, id, `message ${i}`));
      const message = { channelId, seq: i };
      for (const emoji of ['👍', ':party:']) {
        for (const viewer of people) await world.chat.messages.react(viewer, { ...message, emoji }, true);
      }
      await world.chat.messages.edit(author, { ...message, text: `edited ${i}`, clientChangeId: null });
      await world.chat.messages.setPinned(ada, message, true);
      await post(world, ada, id, 'a reply', { threadRootId: posted[i - 1] });
    }
    messages = posted;
  }, 120_000);

  const SHOWN = `id text editedAt isPinned replyCount
    reactions { id emoji count viewerHasReacted users(first: 6) { name } }
    thread { id head viewerMembership { title checkpoint unreadCount } threadRoot { seq } lastMessage { text } }
    author { name }`;

  test('a page of 50 with 6 reactors to each of 2 emoji, and a thread each, costs what one message costs', async () => {
    const PAGE = `query ($id: ID!, $first: Int) { channel(id: $id) {
      messages(first: $first) { edges { node { ${SHOWN} } } }
    } }`;
    const last = people.at(-1) ?? ada;
    const one = await cost(last, PAGE, { id, first: 1 });
    const many = await cost(last, PAGE, { id, first: 50 });
    const nodes = many.data.channel.messages.edges.map((edge: { node: object }) => edge.node);
    expect(nodes).toHaveLength(50);
    for (const node of nodes) {
      expect(node).toMatchObject({ isPinned: true, replyCount: 1, thread: { head: 1 } });
      expect(node.reactions).toHaveLength(2);
      for (const reaction of node.reactions) {
        expect(reaction).toMatchObject({ count: 6, viewerHasReacted: true });
        expect(reaction.users.map((user: { name: string }) => user.name)).toEqual(
          people.map((p) => p.handle),
        );
      }
    }
    // Everybody who reacted has written a message of the larger page.
    expect(many.calls).toEqual({ ...one.calls, 'users.byIds': 1 });
    expect(one.calls).toEqual({
      // Where both logs of the channel end, and where the threads do.
      'changeStore.states': 1,
      'changeStore.tailHints': 1,
      'channels.byIds': 2,
      'memberships.ofUser': 2,
      'messageStore.range': 1,
      // Roots of the threads, then their newest replies.
      'messageStore.rows': 2,
      'messageStore.states': 2,
      'messageStore.tailHints': 2,
      'projections.reactionRevs': 1,
      'projections.reactors': 1,
      // Authors, then those who reacted beyond the first few.
      'users.byIds': 2,
    });
  });

  test('what lies with the message asks nobody: its first reactors, its counts, whether the viewer is among them', async () => {
    const PAGE = `query ($id: ID!) { channel(id: $id) { messages(first: 50) { edges { node {
      text editedAt deletedAt isPinned metadata reactions { emoji count viewerHasReacted users { id } }
    } } } } }`;
    const first = people[0] ?? ada;
    const { calls } = await cost(first, PAGE, { id });
    expect(calls).toEqual({
      'changeStore.states': 1,
      'changeStore.tailHints': 1,
      'channels.byIds': 1,
      'memberships.ofUser': 1,
      'messageStore.range': 1,
      'messageStore.states': 1,
      'messageStore.tailHints': 1,
      'users.byIds': 1,
    });
  });

  test('changed and pinned messages cost what their pages cost', async () => {
    const start = encodeEventCursor({
      channelId: uuidOf('Channel', id),
      epoch: ada.tenant.epoch,
      seq: 0,
      rev: 0,
    });
    const LISTS = `query ($id: ID!, $first: Int, $after: String!) { channel(id: $id) {
      pins(first: $first) { edges { node { ${SHOWN} } } }
      changedMessages(after: $after, first: $first) { edges { node { ${SHOWN} } } }
    } }`;
    const one = await cost(ada, LISTS, { id, first: 1, after: start });
    const many = await cost(ada, LISTS, { id, first: 50, after: start });
    expect(many.data.channel.pins.edges).toHaveLength(50);
    expect(many.data.channel.changedMessages.edges).toHaveLength(50);
    const total = (calls: Readonly<Record<string, number>>) =>
      Object.values(calls).reduce((sum, count) => sum + count, 0);
    // The one walks the change log in steps until it has enough; nothing else grows.
    expect(total(many.calls)).toBeLessThan(total(one.calls) + 6);
  });

  test('an edit costs two questions, what it is decided on, the append and its projection', async () => {
    const EDIT =
      'mutation ($input: EditMessageInput!) { editMessage(input: $input) { message { id text } } }';
    const author = people[1] ?? ada;
    await cost(author, EDIT, { input: { messageId: messages[0], text: 'warm' } });
    const { calls } = await cost(author, EDIT, { input: { messageId: messages[0], text: 'again' } });
    expect(calls).toMatchObject({
      'channels.byIds': 1,
      'memberships.ofUser': 1,
      'changeStore.append': 1,
      'projections.project': 1,
    });
  });
});
