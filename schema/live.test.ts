/** Subscriptions: what they ask of the live events, and how each event is shown. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId, uuidOf } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { LiveEvent } from '../src/chat/live/port.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, post, say } from './testing/acts.ts';
import { openCast } from './testing/cast.ts';
import type { World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;

beforeAll(async () => {
  ({ world, ada, grace } = await openCast());
});

afterAll(() => world.close());

const EVENTS = `subscription ($after: [String!], $replayLimit: Int) {
  events(after: $after, replayLimit: $replayLimit) {
    __typename channelId cursor
    ... on Ready { connectionId }
    ... on Positions { positions { channelId cursor } }
    ... on HistorySkipped { after before count }
    ... on MessagePosted { message { id seq text author { name } channel { name head } } }
    ... on MessageUpdated { change message { seq text editedAt replyCount reactions { emoji count } author { name } channel { head } } }
    ... on ReactionChanged { messageId emoji count isAdded user { name } }
    ... on MemberJoined { user { name } channel { name memberCount } }
    ... on MemberLeft { user { name } channel { name } }
    ... on ChannelUpdated { channel { name } }
    ... on MembershipUpdated { position membership { checkpoint unreadCount title } }
    ... on ChannelDetached { membershipId reason }
  }
}`;

const ONE = `subscription ($id: ID!, $after: String, $replayLimit: Int) {
  channelEvents(channelId: $id, after: $after, replayLimit: $replayLimit) { __typename }
}`;

test('each type of event is shown as what it is', async () => {
  const id = await newChannel(world, ada, { name: 'Live' });
  await say(world, ada, id, 'hello');
  const channelId = uuidOf('Channel', id);
  const { organizationId } = ada.tenant;
  const [row] = await world.messages.port.range({ organizationId, channelId }, 1, 1);
  const [membership] = await world.relational.memberships.ofUser(organizationId, ada.userId, [channelId]);
  const ref = { channelId, seq: 1 };
  await world.chat.messages.edit(ada, { ...ref, text: 'edited', clientChangeId: null });
  await world.chat.messages.react(ada, { ...ref, emoji: '🎉' }, true);
  await post(world, ada, id, 'a reply', { threadRootId: encodeId('Message', `${channelId}:1`) });
  if (row === undefined || membership === undefined) throw new Error('not set up');
  const kept = { channelId, cursor: 'a cursor' };
  const events: LiveEvent[] = [
    { type: 'Ready', channelId: null, cursor: null, connectionId: 'c-1' },
    { type: 'Positions', channelId: null, cursor: null, positions: [{ channelId, cursor: 'p' }] },
    { type: 'HistorySkipped', ...kept, after: 'a', before: 'b', count: 7 },
    { type: 'MessagePosted', ...kept, row },
    { type: 'MessageUpdated', ...kept, seq: 1, change: 'EDITED' },
    { type: 'MessageUpdated', channelId, cursor: null, seq: 1, change: 'THREAD' },
    {
      type: 'ReactionChanged',
      ...kept,
      seq: 1,
      emoji: '👍',
      count: 5,
      userId: grace.userId,
      isAdded: false,
    },
    { type: 'MemberJoined', ...kept, userId: grace.userId },
    { type: 'MemberLeft', ...kept, userId: grace.userId },
    { type: 'ChannelUpdated', ...kept },
    { type: 'CaughtUp', ...kept },
    { type: 'PositionReset', ...kept },
    { type: 'MembershipUpdated', channelId, cursor: null, membershipId: membership.id, position: 'p' },
    { type: 'ChannelDetached', channelId, cursor: null, membershipId: membership.id, reason: 'REMOVED' },
  ];
  const answers = await world.follow(ada, EVENTS, {}, events);
  expect(answers.flatMap((answer) => answer.errors)).toEqual([]);
  const shown = { channelId: id, cursor: 'a cursor' };
  expect(answers.map((answer) => answer.data.events)).toEqual([
    { __typename: 'Ready', channelId: null, cursor: null, connectionId: 'c-1' },
    { __typename: 'Positions', channelId: null, cursor: null, positions: [{ channelId: id, cursor: 'p' }] },
    { __typename: 'HistorySkipped', ...shown, after: 'a', before: 'b', count: 7 },
    {
      __typename: 'MessagePosted',
      ...shown,
      message: {
        id: encodeId('Message', `${channelId}:1`),
        seq: 1,
        text: 'hello',
        author: { name: 'Ada' },
        channel: { name: 'Live', head: 1 },
      },
    },
    {
      __typename: 'MessageUpdated',
      ...shown,
      change: 'EDITED',
      message: {
        seq: 1,
        text: 'edited',
        editedAt: expect.any(String),
        replyCount: 1,
        reactions: [{ emoji: '🎉', count: 1 }],
        author: { name: 'Ada' },
        channel: { head: 1 },
      },
    },
    {
      __typename: 'MessageUpdated',
      channelId: id,
      cursor: null,
      change: 'THREAD',
      message: expect.objectContaining({ seq: 1, replyCount: 1 }),
    },
    {
      __typename: 'ReactionChanged',
      ...shown,
      messageId: encodeId('Message', `${channelId}:1`),
      emoji: '👍',
      count: 5,
      isAdded: false,
      user: { name: 'Grace' },
    },
    {
      __typename: 'MemberJoined',
      ...shown,
      user: { name: 'Grace' },
      channel: { name: 'Live', memberCount: 1 },
    },
    { __typename: 'MemberLeft', ...shown, user: { name: 'Grace' }, channel: { name: 'Live' } },
    { __typename: 'ChannelUpdated', ...shown, channel: { name: 'Live' } },
    { __typename: 'CaughtUp', ...shown },
    { __typename: 'PositionReset', ...shown },
    {
      __typename: 'MembershipUpdated',
      channelId: id,
      cursor: null,
      position: 'p',
      membership: { checkpoint: expect.any(Number), unreadCount: expect.any(Number), title: 'Live' },
    },
    {
      __typename: 'ChannelDetached',
      channelId: id,
      cursor: null,
      membershipId: encodeId('Membership', membership.id),
      reason: 'REMOVED',
    },
  ]);
});

test("a message's event never shows a head below its number, whatever the log says meanwhile", async () => {
  const id = await newChannel(world, ada, { name: 'Ahead' });
  await say(world, ada, id, 'hello');
  const channelId = uuidOf('Channel', id);
  const [row] = await world.messages.port.range(
    { organizationId: ada.tenant.organizationId, channelId },
    1,
    1,
  );
  if (row === undefined) throw new Error('not set up');
  const ahead: LiveEvent = { type: 'MessagePosted', channelId, cursor: 'c', row: { ...row, seq: 5 } };
  const [answer] = await world.follow(ada, EVENTS, {}, [ahead]);
  expect(answer?.data.events.message.channel.head).toBe(5);
});

test('an event whose channel or store is gone has errors with codes, for its transport to act on', async () => {
  const channelId = uuidv7(1);
  const gone: LiveEvent = { type: 'ChannelUpdated', channelId, cursor: 'c' };
  const foreign: LiveEvent = {
    type: 'MembershipUpdated',
    channelId,
    cursor: null,
    membershipId: channelId,
    position: null,
  };
  const answers = await world.follow(ada, EVENTS, {}, [gone, foreign]);
  expect(answers.map((answer) => answer.codes)).toEqual([['NOT_FOUND'], ['NOT_FOUND']]);
});

describe('opening', () => {
  const opened = async (viewer: Viewer | null, document: string, variables: Record<string, unknown>) => {
    world.live.asked.length = 0;
    const [answer] = await world.follow(viewer, document, variables, []);
    return { codes: answer?.codes, asked: world.live.asked };
  };

  test('hands cursors, limit and connection on', async () => {
    expect((await opened(ada, EVENTS, { after: ['x', 'y'], replayLimit: 0 })).asked).toEqual([
      { after: ['x', 'y'], replayLimit: 0, connectionId: 'connection' },
    ]);
    expect((await opened(ada, EVENTS, {})).asked).toEqual([
      { after: [], replayLimit: 1_000, connectionId: 'connection' },
    ]);
    const id = await newChannel(world, ada);
    expect((await opened(grace, ONE, { id, after: 'x' })).asked).toEqual([
      { channelId: uuidOf('Channel', id), after: 'x', replayLimit: 1_000, connectionId: 'connection' },
    ]);
  });

  test('asks who it is before anything is opened', async () => {
    for (const [document, variables] of [
      [EVENTS, {}],
      [ONE, { id: 'x' }],
    ] as const) {
      expect(await opened(null, document, variables)).toEqual({ codes: ['UNAUTHENTICATED'], asked: [] });
    }
  });

  test('refuses a replayLimit that is negative or over 1,000', async () => {
    for (const replayLimit of [-1, 1_001]) {
      expect((await opened(ada, EVENTS, { replayLimit })).codes).toEqual(['BAD_USER_INPUT']);
    }
  });

  test('refuses channels that cannot be read, and ids that are none, before anything is opened', async () => {
    const secret = await newChannel(world, ada, { visibility: 'PRIVATE' });
    const mallory = await world.person('evil', 'mallory');
    for (const [viewer, id, code] of [
      [grace, secret, 'NOT_FOUND'],
      [mallory, secret, 'NOT_FOUND'],
      [ada, encodeId('Channel', uuidv7(1)), 'NOT_FOUND'],
      [ada, 'general', 'BAD_USER_INPUT'],
    ] as const) {
      expect(await opened(viewer, ONE, { id })).toEqual({ codes: [code], asked: [] });
    }
  });
});
