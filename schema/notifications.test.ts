/** Notifications in the API: the list, the counts, alerts, and what is shown to whom when a store is away. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId, uuidOf } from '../resolvers/global-id.ts';
import { type Notification, notificationId } from '../src/chat/notifications/port.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, post, say, userId } from './testing/acts.ts';
import { openCast } from './testing/cast.ts';
import type { World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;
let alan: Viewer;
let mallory: Viewer;
let id = '';
let dm = '';

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String) { viewer {
  unreadTotal mentionTotal
  notifications(first: $first, after: $after, last: $last, before: $before) {
    edges { cursor node { id reason isRead createdAt message { seq text channel { id } author { name } } } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
} }`;
const NODE = 'query ($id: ID!) { node(id: $id) { id ... on Notification { reason message { text } } } }';

const listed = async (viewer: Viewer, args: Record<string, unknown> = {}) => {
  const { data, errors } = await world.run(viewer, LIST, args);
  expect(errors).toEqual([]);
  const { edges, pageInfo } = data.viewer.notifications;
  return {
    data: data.viewer,
    pageInfo,
    texts: edges.map(
      ({ node }: { node: { reason: string; isRead: boolean; message: { text: string } | null } }) =>
        `${node.reason} ${node.message?.text}${node.isRead ? ' (read)' : ''}`,
    ),
    ids: edges.map(({ node }: { node: { id: string } }) => node.id),
  };
};

beforeAll(async () => {
  ({ world, ada, grace, alan, mallory } = await openCast());
  id = await newChannel(world, ada, {
    name: 'Notices',
    memberIds: [await userId(world, grace), await userId(world, alan)],
  });
  const opened = await world.run(
    ada,
    'mutation ($ids: [ID!]!) { openDirectMessage(input: { userIds: $ids }) { channel { id } } }',
    { ids: [await userId(world, grace)] },
  );
  dm = opened.data.openDirectMessage.channel.id;
  const root = await post(world, ada, id, 'hello @grace');
  await say(world, ada, id, '@channel: lunch');
  await say(world, ada, dm, 'psst');
  await post(world, grace, id, 'first reply', { threadRootId: root });
  await post(world, alan, id, 'second reply', { threadRootId: root });
});

afterAll(() => world.close());

describe('Viewer.notifications', () => {
  test('lists what told the viewer, newest first, with what the message says now', async () => {
    expect((await listed(grace)).texts).toEqual([
      'THREAD_REPLY second reply',
      'DIRECT_MESSAGE psst',
      'MENTION @channel: lunch',
      'MENTION hello @grace',
    ]);
    expect((await listed(ada)).texts).toEqual(['THREAD_REPLY second reply', 'THREAD_REPLY first reply']);
    expect((await listed(mallory)).texts).toEqual([]);
  });

  test('is paged with exact flags, and refuses other lists’ cursors', async () => {
    const first = await listed(grace, { first: 2 });
    expect([first.pageInfo.hasPreviousPage, first.pageInfo.hasNextPage]).toEqual([false, true]);
    const rest = await listed(grace, { first: 2, after: first.pageInfo.endCursor });
    expect(rest.texts).toEqual(['MENTION @channel: lunch', 'MENTION hello @grace']);
    expect([rest.pageInfo.hasPreviousPage, rest.pageInfo.hasNextPage]).toEqual([true, false]);
    const back = await listed(grace, { last: 1, before: rest.pageInfo.startCursor });
    expect(back.texts).toEqual(['DIRECT_MESSAGE psst']);
    const { data } = await world.run(grace, '{ viewer { memberships(first: 1) { edges { cursor } } } }');
    const { cursor } = data.viewer.memberships.edges[0];
    expect((await world.run(grace, LIST, { after: cursor })).codes).toEqual(['BAD_USER_INPUT']);
  });

  test('costs the same for any number: one call for the list, one for what was read, one for the messages', async () => {
    world.calls.take();
    await listed(grace, { first: 1 });
    const one = world.calls.take();
    await listed(grace);
    const many = world.calls.take();
    const { 'messageStore.states': _, 'messageStore.tailHints': __, ...calls } = many;
    expect(Object.values(many).reduce((sum, n) => sum + n, 0)).toBeLessThanOrEqual(
      Object.values(one).reduce((sum, n) => sum + n, 0),
    );
    expect(calls).toMatchObject({
      'notifications.page': 1,
      'notifications.mentionTotal': 1,
      'messageStore.rows': 1,
    });
  });

  test('shows the rest while the message store is away', async () => {
    world.messages.isAway = true;
    const { data, codes } = await world.run(grace, LIST);
    world.messages.isAway = false;
    expect(new Set(codes)).toEqual(new Set(['UNAVAILABLE']));
    expect(data.viewer.unreadTotal).toBeNull();
    expect(data.viewer.mentionTotal).toBe(2);
    expect(data.viewer.notifications.edges.map((edge: { node: object }) => edge.node)).toMatchObject(
      Array.from({ length: 4 }, () => ({ message: null, isRead: false })),
    );
  });
});

test('node gives the viewer their own, and nobody another’s', async () => {
  const [newest] = (await listed(grace)).ids;
  expect((await world.run(grace, NODE, { id: newest })).data.node).toMatchObject({ reason: 'THREAD_REPLY' });
  for (const viewer of [ada, mallory]) {
    expect((await world.run(viewer, NODE, { id: newest })).data.node).toBeNull();
  }
  const forged = encodeId('Notification', notificationId(grace.userId, uuidOf('Channel', id), 999));
  expect((await world.run(grace, NODE, { id: forged })).data.node).toBeNull();
  expect((await world.run(grace, NODE, { id: encodeId('Notification', '12') })).data.node).toBeNull();
});

test('an alert shows the notification and the counts moved on; to who has left, nothing', async () => {
  const channelId = uuidOf('Channel', id);
  const { organizationId } = grace.tenant;
  const [membership] = await world.relational.memberships.ofUser(organizationId, grace.userId, [channelId]);
  if (membership === undefined) throw new Error('grace is a member');
  const notification: Notification = {
    id: notificationId(grace.userId, channelId, 1),
    organizationId,
    userId: grace.userId,
    channelId,
    seq: 1,
    reason: 'MENTION',
    createdAt: new Date(0),
  };
  const EVENTS = `subscription { events { __typename channelId cursor ... on Notified {
    isMissed notification { id reason isRead message { text } } membership { id unreadCount mentionCount }
  } } }`;
  const event = {
    type: 'Notified',
    channelId,
    cursor: null,
    notification,
    membershipId: membership.id,
    isMissed: true,
  } as const;
  const [shown] = await world.follow(grace, EVENTS, {}, [event]);
  expect(shown?.errors).toEqual([]);
  expect(shown?.data.events).toEqual({
    __typename: 'Notified',
    channelId: id,
    cursor: null,
    isMissed: true,
    notification: {
      id: encodeId('Notification', notification.id),
      reason: 'MENTION',
      isRead: false,
      message: { text: 'hello @grace' },
    },
    membership: { id: encodeId('Membership', membership.id), unreadCount: 2, mentionCount: 2 },
  });
  const [foreign] = await world.follow(ada, EVENTS, {}, [event]);
  expect([foreign?.data, new Set(foreign?.codes)]).toEqual([null, new Set(['NOT_FOUND'])]);
});

describe('counts', () => {
  const COUNTS = `query ($id: ID!) { viewer { unreadTotal mentionTotal } channel(id: $id) {
    viewerMembership { unreadCount mentionCount checkpoint } } }`;
  const counts = async (viewer: Viewer) => {
    const { data, errors } = await world.run(viewer, COUNTS, { id });
    expect(errors).toEqual([]);
    return { ...data.viewer, ...data.channel.viewerMembership };
  };
  const READ = `mutation ($id: ID!, $seq: Int!, $unread: Boolean) {
    markRead(input: { channelId: $id, seq: $seq, markUnread: $unread }) { membership { unreadCount mentionCount } } }`;

  test('follow reading, marking unread, muting and deleting, and are there as soon as a send was answered', async () => {
    expect(await counts(grace)).toMatchObject({
      unreadTotal: 3,
      mentionTotal: 2,
      unreadCount: 2,
      mentionCount: 2,
    });
    const read = await world.run(grace, READ, { id, seq: 1 });
    expect(read.data.markRead.membership).toEqual({ unreadCount: 1, mentionCount: 1 });
    await world.run(grace, READ, { id, seq: 0, unread: true });
    expect(await counts(grace)).toMatchObject({ mentionTotal: 2, mentionCount: 2 });
    const sent = await post(world, ada, id, 'and again @grace');
    expect(await counts(grace)).toMatchObject({ unreadCount: 3, mentionCount: 3, mentionTotal: 3 });
    await world.run(
      ada,
      'mutation ($id: ID!) { deleteMessage(input: { messageId: $id }) { message { id } } }',
      {
        id: sent,
      },
    );
    expect(await counts(grace)).toMatchObject({ unreadCount: 3, mentionCount: 2 });
    const MUTE =
      'mutation ($id: ID!, $on: Boolean) { updateMembership(input: { channelId: $id, isMuted: $on }) { membership { id } } }';
    await world.run(grace, MUTE, { id, on: true });
    expect(await counts(grace)).toMatchObject({ unreadTotal: 1, mentionTotal: 0, mentionCount: 2 });
    expect((await listed(grace)).texts).toEqual(['THREAD_REPLY second reply', 'DIRECT_MESSAGE psst']);
    await world.run(grace, MUTE, { id, on: false });
    await world.run(grace, READ, { id, seq: 2 });
    expect((await listed(grace)).texts.slice(2)).toEqual([
      'MENTION @channel: lunch (read)',
      'MENTION hello @grace (read)',
    ]);
  });

  test('of a channel that was left are gone with it, and stay so after coming back', async () => {
    await say(world, ada, id, '@alan');
    expect(await counts(alan)).toMatchObject({ mentionCount: 2 });
    const act = (name: string) =>
      world.run(alan, `mutation ($id: ID!) { ${name}(input: { channelId: $id }) { __typename } }`, { id });
    await act('leaveChannel');
    expect((await world.run(alan, '{ viewer { mentionTotal } }')).data.viewer.mentionTotal).toBe(0);
    expect((await listed(alan)).texts).toEqual([]);
    await act('joinChannel');
    await world.run(alan, READ, { id, seq: 0, unread: true });
    expect(await counts(alan)).toMatchObject({ unreadCount: 4, mentionCount: 0 });
  });
});
