/** What can be done through the API, by whom, and what follows from it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeId, uuidOf } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { ChangeEntry } from '../src/chat/log/entries.ts';
import { startSweeper } from '../src/chat/outbox/sweeper.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, say, userId } from './testing/acts.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;
let alan: Viewer;
let boss: Viewer;
let mallory: Viewer;

beforeAll(async () => {
  world = await openWorld();
  ada = await world.person('acme', 'ada', { name: 'Ada' });
  grace = await world.person('acme', 'grace', { name: 'Grace' });
  alan = await world.person('acme', 'alan', { name: 'Alan' });
  boss = await world.person('acme', 'boss', { isAdmin: true });
  mallory = await world.person('evil', 'mallory');
});

afterAll(() => world.close());

beforeEach(() => {
  world.published.length = 0;
  world.messages.isAway = false;
  world.changes.isAway = false;
});

const mutation = (name: string, type: string, payload: string) => (viewer: Viewer, input: object) =>
  world.run(viewer, `mutation ($input: ${type}!) { ${name}(input: $input) { ${payload} } }`, { input });

const CHANNEL =
  'channel { id name handle topic type visibility postingPolicy memberCount viewerMembership { role } }';
const MEMBERSHIP =
  'membership { id checkpoint unreadCount isMuted notifyAlways affinityScore channel { id } }';
const send = mutation(
  'sendMessage',
  'SendMessageInput',
  'isDuplicate message { id seq text metadata clientMessageId mentions { kind start length user { handle } } channel { head } }',
);
const create = mutation('createChannel', 'CreateChannelInput', CHANNEL);
const openDm = mutation('openDirectMessage', 'OpenDirectMessageInput', CHANNEL);
const update = mutation('updateChannel', 'UpdateChannelInput', CHANNEL);
const join = mutation('joinChannel', 'ChannelInput', MEMBERSHIP);
const leave = mutation('leaveChannel', 'ChannelInput', 'channelId membershipId');
const add = mutation('addMember', 'MemberInput', 'member { id role user { handle } }');
const remove = mutation('removeMember', 'MemberInput', 'channelId membershipId');
const markRead = mutation('markRead', 'MarkReadInput', MEMBERSHIP);
const updateMembership = mutation('updateMembership', 'UpdateMembershipInput', MEMBERSHIP);

const told = (method: string) =>
  world.published.filter((one) => one.method === method).map((one) => one.what);

async function announced(channelId: string): Promise<ChangeEntry[]> {
  const key = { organizationId: ada.tenant.organizationId, channelId: uuidOf('Channel', channelId) };
  return (await world.changes.port.range(key, 1, 1_000)).map((row) => row.entry);
}

async function unread(viewer: Viewer, id: string) {
  const { data } = await world.run(
    viewer,
    'query ($id: ID!) { channel(id: $id) { viewerMembership { checkpoint unreadCount affinityScore } } }',
    { id },
  );
  return data.channel.viewerMembership;
}

describe('sendMessage', () => {
  test('saves the message as it came', async () => {
    const channelId = await newChannel(world, ada);
    const metadata = { blocks: [{ type: 'x', n: 1.5, none: null }], __proto__x: true };
    const clientMessageId = uuidv7(Date.now());
    const { data, errors } = await send(ada, {
      channelId,
      text: 'hé @grace\n',
      metadata,
      clientMessageId,
      basis: 0,
    });
    expect(errors).toEqual([]);
    expect(data.sendMessage).toMatchObject({
      isDuplicate: false,
      message: {
        seq: 1,
        text: 'hé @grace\n',
        metadata,
        clientMessageId,
        mentions: [{ kind: 'USER', start: 3, length: 6, user: { handle: 'grace' } }],
        channel: { head: 1 },
      },
    });
  });

  test('takes metadata written in the document too', async () => {
    const channelId = await newChannel(world, ada);
    const { data, errors } = await world.run(
      ada,
      `mutation ($id: ID!, $n: Int) { sendMessage(input: { channelId: $id, text: "x", metadata: { a: [1, 2.5, "s", true, null, { deep: $n }], __proto__: { b: 1 } } }) { message { metadata } } }`,
      { id: channelId, n: 7 },
    );
    expect(errors).toEqual([]);
    expect(JSON.stringify(data.sendMessage.message.metadata)).toBe(
      '{"a":[1,2.5,"s",true,null,{"deep":7}],"__proto__":{"b":1}}',
    );
  });

  test('repeated with its clientMessageId, returns the first message, whatever it carries', async () => {
    const channelId = await newChannel(world, ada);
    const clientMessageId = uuidv7(Date.now());
    const first = await send(ada, { channelId, text: 'one', clientMessageId });
    const again = await send(ada, { channelId, text: 'other', clientMessageId });
    expect(again.data.sendMessage.isDuplicate).toBe(true);
    expect(again.data.sendMessage.message).toEqual(first.data.sendMessage.message);
    // The same name by somebody else is another send.
    await join(grace, { channelId });
    expect(
      (await send(grace, { channelId, text: 'mine', clientMessageId })).data.sendMessage.message.seq,
    ).toBe(2);
  });

  test('sees in one request what the mutations before it did', async () => {
    const channelId = await newChannel(world, ada);
    const { data, errors } = await world.run(
      ada,
      `mutation ($id: ID!, $user: ID!) {
        a: sendMessage(input: { channelId: $id, text: "1" }) { message { channel { head memberCount lastMessage { text } } } }
        b: addMember(input: { channelId: $id, userId: $user }) { member { id } }
        c: sendMessage(input: { channelId: $id, text: "2" }) { message { channel { head memberCount lastMessage { text } } } }
      }`,
      { id: channelId, user: await userId(world, grace) },
    );
    expect(errors).toEqual([]);
    expect(data.a.message.channel).toEqual({ head: 1, memberCount: 1, lastMessage: { text: '1' } });
    expect(data.c.message.channel).toEqual({ head: 2, memberCount: 2, lastMessage: { text: '2' } });
  });

  test.each<[string, object]>([
    ['empty text', { text: '' }],
    ['text over 16,000 units', { text: 'x'.repeat(16_001) }],
    ['half a surrogate pair', { text: '\ud800' }],
    ['metadata over 16 KiB', { metadata: { a: 'x'.repeat(17_000) } }],
    ['metadata that is no object', { metadata: [1] }],
    ['metadata nested too deeply', { metadata: JSON.parse(`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`) }],
    [
      'metadata nested without end',
      { metadata: JSON.parse(`${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`) },
    ],
    ['a negative basis', { basis: -1 }],
    ['a clientMessageId that is no UUID', { clientMessageId: 'abc' }],
    ['a clientMessageId in upper case', { clientMessageId: uuidv7(1).toUpperCase() }],
    ['an id of another type', { channelId: encodeId('User', uuidv7(1)) }],
    ['a malformed id', { channelId: 'general' }],
  ])('refuses %s with BAD_USER_INPUT, and nothing is stored', async (_, wrong) => {
    const channelId = await newChannel(world, ada);
    const { codes } = await send(ada, { channelId, text: 'fine', ...wrong });
    expect(codes).toEqual(['BAD_USER_INPUT']);
    const { data } = await world.run(ada, 'query ($id: ID!) { channel(id: $id) { head } }', {
      id: channelId,
    });
    expect(data.channel.head).toBe(0);
  });

  test('a basis above the head is no fault: it is taken for the head', async () => {
    const channelId = await newChannel(world, ada);
    expect((await send(ada, { channelId, text: 'x', basis: 2_000_000_000 })).errors).toEqual([]);
  });

  test('is for members, of an open channel, as far as its posting policy goes', async () => {
    const channelId = await newChannel(world, ada);
    expect((await send(grace, { channelId, text: 'x' })).codes).toEqual(['FORBIDDEN']);
    expect((await send(mallory, { channelId, text: 'x' })).codes).toEqual(['NOT_FOUND']);
    const secret = await newChannel(world, ada, { visibility: 'PRIVATE' });
    expect((await send(grace, { channelId: secret, text: 'x' })).codes).toEqual(['NOT_FOUND']);

    await join(grace, { channelId });
    await update(ada, { channelId, postingPolicy: 'ADMINS' });
    expect((await send(grace, { channelId, text: 'x' })).codes).toEqual(['FORBIDDEN']);
    expect((await send(ada, { channelId, text: 'x' })).codes).toEqual([]);

    const id = uuidv7(Date.now());
    await world.relational.channels.create({
      id,
      organizationId: ada.tenant.organizationId,
      type: 'CHANNEL',
      visibility: 'PUBLIC',
      postingPolicy: 'EVERYONE',
      name: 'Old',
      handle: `old-${id}`,
      topic: '',
      creatorId: ada.userId,
      memberIds: [],
      archivedAt: new Date(),
    });
    const archived = encodeId('Channel', id);
    expect((await send(ada, { channelId: archived, text: 'x' })).codes).toEqual(['FORBIDDEN']);
    expect((await join(grace, { channelId: archived })).codes).toEqual(['FORBIDDEN']);
  });

  test('says UNAVAILABLE, retryable, while the message store is away', async () => {
    const channelId = await newChannel(world, ada);
    world.messages.isAway = true;
    const { errors } = await send(ada, { channelId, text: 'x' });
    expect(errors[0]?.extensions).toEqual({ code: 'UNAVAILABLE', retryable: true });
  });

  test('moves the own checkpoint while nothing unread lies before, and lets affinity grow', async () => {
    const channelId = await newChannel(world, ada);
    await join(grace, { channelId });
    await say(world, ada, channelId, '1');
    await say(world, ada, channelId, '2');
    await vi.waitFor(async () => {
      expect(await unread(ada, channelId)).toMatchObject({ checkpoint: 2, unreadCount: 0 });
    });
    expect((await unread(ada, channelId)).affinityScore).toBeCloseTo(2, 2);
    expect(await unread(grace, channelId)).toMatchObject({ checkpoint: 0, unreadCount: 2 });
    await say(world, grace, channelId, '3');
    await vi.waitFor(async () => expect((await unread(grace, channelId)).affinityScore).toBeGreaterThan(0.9));
    // Two unread lie before her own message: it counts as read no more than they do.
    expect(await unread(grace, channelId)).toMatchObject({ checkpoint: 0, unreadCount: 3 });
    expect(told('membershipChanged')).toContainEqual(
      expect.objectContaining({ userId: ada.userId, isNew: false }),
    );
  });
});

describe('createChannel', () => {
  test('makes its creator an admin, takes members along, and tells all of them', async () => {
    const { data, errors } = await create(ada, {
      name: '  Ünï Café ',
      topic: 'Coffee',
      visibility: 'PRIVATE',
      memberIds: [await userId(world, grace)],
    });
    expect(errors).toEqual([]);
    expect(data.createChannel.channel).toMatchObject({
      name: 'Ünï Café',
      handle: 'uni-cafe',
      topic: 'Coffee',
      type: 'CHANNEL',
      visibility: 'PRIVATE',
      postingPolicy: 'EVERYONE',
      memberCount: 2,
      viewerMembership: { role: 'ADMIN' },
    });
    expect(told('membershipChanged')).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ userId: ada.userId, isNew: true }),
        expect.objectContaining({ userId: grace.userId, isNew: true }),
      ]),
    );
  });

  test('finds a free handle for a name; one that was asked for is taken or not', async () => {
    const handles = [];
    for (let i = 0; i < 3; i += 1) {
      handles.push((await create(ada, { name: 'Same name' })).data.createChannel.channel.handle);
    }
    expect(handles).toEqual(['same-name', 'same-name-2', 'same-name-3']);
    expect((await create(ada, { name: 'x', handle: 'same-name' })).codes).toEqual(['CONFLICT']);
    // Another tenant has handles of its own.
    expect((await create(mallory, { name: 'x', handle: 'same-name' })).codes).toEqual([]);
  });

  test('repeated with its clientChannelId, returns the first channel, for its creator alone', async () => {
    const clientChannelId = uuidv7(Date.now());
    const first = await create(ada, { name: 'Once', clientChannelId });
    const again = await create(ada, { name: 'Twice', clientChannelId, handle: 'same-name' });
    expect(again.data.createChannel.channel).toEqual(first.data.createChannel.channel);
    const ids = await Promise.all(
      [grace, mallory].map(
        async (viewer) =>
          (await create(viewer, { name: 'Once', clientChannelId })).data.createChannel.channel.id,
      ),
    );
    expect(new Set([first.data.createChannel.channel.id, ...ids]).size).toBe(3);
  });

  test('raced with one clientChannelId, makes one channel', async () => {
    const clientChannelId = uuidv7(Date.now());
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => create(ada, { name: 'Race', clientChannelId })),
    );
    const ids = answers.map(({ data }) => data.createChannel.channel.id);
    expect(new Set(ids).size).toBe(1);
  });

  test('a repeat shows nothing to a creator who has been removed since', async () => {
    const clientChannelId = uuidv7(Date.now());
    const input = { name: 'Lost', clientChannelId, visibility: 'PRIVATE' };
    const { data } = await create(ada, input);
    await leave(ada, { channelId: data.createChannel.channel.id });
    expect((await create(ada, input)).codes).toEqual(['NOT_FOUND']);
  });

  test.each<[string, object, string]>([
    ['no name', { name: ' ' }, 'BAD_USER_INPUT'],
    ['a name over 80 units', { name: 'x'.repeat(81) }, 'BAD_USER_INPUT'],
    ['a name with a NUL', { name: 'a\0' }, 'BAD_USER_INPUT'],
    ['a handle with a space', { name: 'x', handle: 'a b' }, 'BAD_USER_INPUT'],
    ['a topic over 1,000 units', { name: 'x', topic: 'x'.repeat(1_001) }, 'BAD_USER_INPUT'],
    ['a member who does not exist', { name: 'x', memberIds: [encodeId('User', uuidv7(1))] }, 'NOT_FOUND'],
    ['a malformed member id', { name: 'x', memberIds: ['ada'] }, 'BAD_USER_INPUT'],
  ])('refuses %s', async (_, input, code) => {
    expect((await create(ada, input)).codes).toEqual([code]);
  });

  test("refuses another tenant's people like people who do not exist", async () => {
    const foreign = await userId(world, mallory);
    const refused = await create(ada, { name: 'x', memberIds: [foreign] });
    expect(refused.errors.map((e) => [e.message, e.extensions])).toEqual([
      ['The user does not exist, or you may not see it.', { code: 'NOT_FOUND' }],
    ]);
  });
});

describe('openDirectMessage', () => {
  test('is the one DM of these people, whoever opens it, told to them once', async () => {
    const [a, g, l] = await Promise.all([ada, grace, alan].map((viewer) => userId(world, viewer)));
    const first = await openDm(ada, { userIds: [g, l] });
    expect(first.data.openDirectMessage.channel).toMatchObject({
      type: 'DM',
      name: '',
      handle: '',
      memberCount: 3,
    });
    expect(told('membershipChanged')).toHaveLength(3);
    const again = await openDm(grace, { userIds: [a, l, l, g] });
    expect(again.data.openDirectMessage.channel.id).toBe(first.data.openDirectMessage.channel.id);
    expect(told('membershipChanged')).toHaveLength(3);
  });

  test('has a fixed set of people', async () => {
    const [g, l] = await Promise.all([grace, alan].map((viewer) => userId(world, viewer)));
    const { data } = await openDm(ada, { userIds: [g] });
    const channelId = data.openDirectMessage.channel.id;
    expect((await leave(ada, { channelId })).codes).toEqual(['FORBIDDEN']);
    expect((await add(ada, { channelId, userId: l })).codes).toEqual(['FORBIDDEN']);
    expect((await remove(ada, { channelId, userId: g })).codes).toEqual(['FORBIDDEN']);
    expect((await update(ada, { channelId, name: 'x' })).codes).toEqual(['FORBIDDEN']);
    for (const act of [
      () => join(alan, { channelId }),
      () => send(alan, { channelId, text: 'x' }),
      () => leave(alan, { channelId }),
    ]) {
      expect((await act()).codes).toEqual(['NOT_FOUND']);
    }
  });

  test('refuses more than 8 others, foreign people and malformed ids', async () => {
    const many = Array.from({ length: 9 }, () => encodeId('User', uuidv7(1)));
    expect((await openDm(ada, { userIds: many })).codes).toEqual(['BAD_USER_INPUT']);
    expect((await openDm(ada, { userIds: [await userId(world, mallory)] })).codes).toEqual(['NOT_FOUND']);
    expect((await openDm(ada, { userIds: ['x'] })).codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('updateChannel', () => {
  test('is for admins of the channel or the organization, and announced when something differs', async () => {
    const channelId = await newChannel(world, ada);
    await join(grace, { channelId });
    expect((await update(grace, { channelId, topic: 'x' })).codes).toEqual(['FORBIDDEN']);
    expect((await update(mallory, { channelId, topic: 'x' })).codes).toEqual(['NOT_FOUND']);
    const { data } = await update(ada, { channelId, name: 'New', topic: null });
    expect(data.updateChannel.channel).toMatchObject({ name: 'New', topic: '' });
    expect((await update(boss, { channelId, topic: 'By the boss' })).codes).toEqual([]);
    await update(ada, { channelId, name: 'New' });
    expect((await announced(channelId)).map((change) => change.kind)).toEqual([
      'MEMBER_JOINED',
      'CHANNEL_UPDATED',
      'CHANNEL_UPDATED',
    ]);
    expect((await update(ada, { channelId, name: '' })).codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('members', () => {
  test('join at the head, so that nothing from before is unread; joining again changes nothing', async () => {
    const channelId = await newChannel(world, ada);
    await say(world, ada, channelId, 'before');
    const { data } = await join(grace, { channelId });
    expect(data.joinChannel.membership).toMatchObject({
      checkpoint: 1,
      unreadCount: 0,
      channel: { id: channelId },
    });
    const again = await join(grace, { channelId });
    expect(again.data.joinChannel.membership.id).toBe(data.joinChannel.membership.id);
    expect(await announced(channelId)).toEqual([
      { kind: 'MEMBER_JOINED', head: 1, actorId: grace.userId, userId: grace.userId },
    ]);
    expect(told('membershipChanged')).toContainEqual(
      expect.objectContaining({ userId: grace.userId, isNew: true }),
    );
    expect(await world.relational.outbox.due(-1_000, 100)).toEqual([]);
  });

  test('cannot join what they cannot see', async () => {
    const channelId = await newChannel(world, ada, { visibility: 'PRIVATE' });
    expect((await join(grace, { channelId })).codes).toEqual(['NOT_FOUND']);
    expect((await join(boss, { channelId })).codes).toEqual(['NOT_FOUND']);
  });

  test('bring others in, whom everyone then sees', async () => {
    const channelId = await newChannel(world, ada, { visibility: 'PRIVATE' });
    const [g, l] = await Promise.all([grace, alan].map((viewer) => userId(world, viewer)));
    expect((await add(grace, { channelId, userId: l })).codes).toEqual(['NOT_FOUND']);
    const { data } = await add(ada, { channelId, userId: g });
    expect(data.addMember.member).toMatchObject({ role: 'MEMBER', user: { handle: 'grace' } });
    expect((await add(grace, { channelId, userId: l })).codes).toEqual([]);
    const { data: read } = await world.run(
      grace,
      'query ($id: ID!) { channel(id: $id) { memberCount members { edges { node { role user { handle } } } } } }',
      { id: channelId },
    );
    expect(read.channel.memberCount).toBe(3);
    expect(
      read.channel.members.edges
        .map((e: { node: { user: { handle: string } } }) => e.node.user.handle)
        .toSorted(),
    ).toEqual(['ada', 'alan', 'grace']);
    const open = await newChannel(world, ada);
    expect((await add(grace, { channelId: open, userId: l })).codes).toEqual(['FORBIDDEN']);
    expect((await add(ada, { channelId: open, userId: await userId(world, mallory) })).codes).toEqual([
      'NOT_FOUND',
    ]);
    const gone = await world.person('acme', 'gone');
    await world.relational.users.deactivate(gone.tenant.organizationId, 'gone');
    expect((await add(ada, { channelId: open, userId: await userId(world, gone) })).codes).toEqual([
      'BAD_USER_INPUT',
    ]);
  });

  test('are removed by admins: revoked and announced before it returns', async () => {
    const channelId = await newChannel(world, ada, { visibility: 'PRIVATE' });
    const g = await userId(world, grace);
    const l = await userId(world, alan);
    await add(ada, { channelId, userId: g });
    await add(ada, { channelId, userId: l });
    expect((await remove(grace, { channelId, userId: l })).codes).toEqual(['FORBIDDEN']);
    const { data } = await remove(ada, { channelId, userId: g });
    expect(data.removeMember).toEqual({ channelId, membershipId: expect.any(String) });
    expect(told('revoke')).toEqual([
      {
        organizationId: ada.tenant.organizationId,
        userId: grace.userId,
        channelId: uuidOf('Channel', channelId),
        membershipId: uuidOf('Membership', data.removeMember.membershipId),
        membershipRev: expect.any(Number),
        reason: 'REMOVED',
        mayStillRead: false,
      },
    ]);
    expect((await announced(channelId)).at(-1)).toMatchObject({
      kind: 'MEMBER_LEFT',
      userId: grace.userId,
      actorId: ada.userId,
    });
    expect(
      (await world.run(grace, 'query ($id: ID!) { channel(id: $id) { id } }', { id: channelId })).data
        .channel,
    ).toBeNull();
    // A repeat answers alike: nothing was left to end.
    expect((await remove(ada, { channelId, userId: g })).data.removeMember).toEqual({
      channelId,
      membershipId: null,
    });
    expect(told('revoke')).toHaveLength(1);
    expect((await remove(ada, { channelId, userId: encodeId('User', uuidv7(1)) })).codes).toEqual([
      'NOT_FOUND',
    ]);
    expect((await remove(ada, { channelId, userId: 'x' })).codes).toEqual(['BAD_USER_INPUT']);
  });

  test('leave, the last admin too; removing oneself is leaving', async () => {
    const channelId = await newChannel(world, ada);
    await join(grace, { channelId });
    const { data } = await leave(ada, { channelId });
    expect(data.leaveChannel).toEqual({ channelId, membershipId: expect.any(String) });
    await remove(grace, { channelId, userId: await userId(world, grace) });
    expect(told('revoke')).toEqual([
      expect.objectContaining({ userId: ada.userId, reason: 'LEFT', mayStillRead: true }),
      expect.objectContaining({ userId: grace.userId, reason: 'LEFT', mayStillRead: true }),
    ]);
    expect((await leave(ada, { channelId })).data.leaveChannel).toEqual({ channelId, membershipId: null });
    // An admin of the organization still looks after it.
    expect((await update(boss, { channelId, topic: 'Nobody is here' })).codes).toEqual([]);
  });
});

describe('a change that could not be announced', () => {
  test('is saved all the same, and the sweeper announces it once', async () => {
    const channelId = await newChannel(world, ada);
    world.changes.isAway = true;
    const { data, errors } = await update(ada, { channelId, topic: 'Kept' });
    expect(errors).toEqual([]);
    expect(data.updateChannel.channel.topic).toBe('Kept');
    const sweeper = startSweeper(world.ports, { ageMs: -1_000, everyMs: 3_600_000 });
    try {
      expect(await sweeper.sweep()).toBe(0);
      world.changes.isAway = false;
      expect(await sweeper.sweep()).toBe(1);
      expect(await sweeper.sweep()).toBe(0);
    } finally {
      await sweeper.close();
    }
    expect((await announced(channelId)).map((change) => change.kind)).toEqual(['CHANNEL_UPDATED']);
  });

  test('makes one entry when two sweepers and the request all announce it', async () => {
    const channelId = await newChannel(world, ada);
    const done = vi.spyOn(world.relational.outbox, 'done').mockRejectedValueOnce(new Error('cut short'));
    await update(ada, { channelId, topic: 'Once' });
    done.mockRestore();
    const sweepers = [1, 2].map(() => startSweeper(world.ports, { ageMs: -1_000, everyMs: 3_600_000 }));
    await Promise.all(sweepers.map((sweeper) => sweeper.sweep()));
    await Promise.all(sweepers.map((sweeper) => sweeper.close()));
    expect(await announced(channelId)).toHaveLength(1);
    expect(await world.relational.outbox.due(-1_000, 100)).toEqual([]);
  });
});

describe('markRead', () => {
  let channelId = '';
  beforeAll(async () => {
    channelId = await newChannel(world, ada);
    await join(grace, { channelId });
    for (let i = 0; i < 5; i += 1) await say(world, ada, channelId, 'x');
  });

  test('moves forward, clamped to the head, and back only to mark unread', async () => {
    const to = async (input: object) =>
      (await markRead(grace, { channelId, ...input })).data.markRead.membership;
    expect(await to({ seq: 3 })).toMatchObject({ checkpoint: 3, unreadCount: 2 });
    const before = told('membershipChanged').length;
    expect(await to({ seq: 1 })).toMatchObject({ checkpoint: 3, unreadCount: 2 });
    expect(await to({ seq: 3 })).toMatchObject({ checkpoint: 3 });
    expect(told('membershipChanged')).toHaveLength(before);
    expect(await to({ seq: 99 })).toMatchObject({ checkpoint: 5, unreadCount: 0 });
    expect(await to({ seq: 2, markUnread: true })).toMatchObject({ checkpoint: 2, unreadCount: 3 });
    expect(await to({ seq: 99, markUnread: true })).toMatchObject({ checkpoint: 5 });
    expect(told('membershipChanged').at(-1)).toMatchObject({ userId: grace.userId, isNew: false });
  });

  test('refuses a negative number and people who are no members', async () => {
    expect((await markRead(grace, { channelId, seq: -1 })).codes).toEqual(['BAD_USER_INPUT']);
    expect((await markRead(alan, { channelId, seq: 1 })).codes).toEqual(['FORBIDDEN']);
    expect((await markRead(mallory, { channelId, seq: 1 })).codes).toEqual(['NOT_FOUND']);
    expect((await markRead(grace, { channelId, seq: 3_000_000_000 })).codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('updateMembership', () => {
  test('changes what is given and tells the other devices', async () => {
    const channelId = await newChannel(world, ada);
    const set = async (input: object) =>
      (await updateMembership(ada, { channelId, ...input })).data.updateMembership.membership;
    expect(await set({ isMuted: true })).toMatchObject({ isMuted: true, notifyAlways: false });
    expect(await set({ notifyAlways: true, isMuted: null })).toMatchObject({
      isMuted: true,
      notifyAlways: true,
    });
    expect(told('membershipChanged').at(-1)).toMatchObject({ userId: ada.userId, isNew: false });
    expect((await updateMembership(grace, { channelId, isMuted: true })).codes).toEqual(['FORBIDDEN']);
    expect((await updateMembership(mallory, { channelId, isMuted: true })).codes).toEqual(['NOT_FOUND']);
  });
});
