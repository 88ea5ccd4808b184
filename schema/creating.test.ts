/** Creating, opening and changing channels: who may, and what follows. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeId } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, userId } from './testing/acts.ts';
import { openCast } from './testing/cast.ts';
import { mutationsOn } from './testing/mutations.ts';
import type { World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;
let alan: Viewer;
let boss: Viewer;
let mallory: Viewer;

beforeAll(async () => {
  ({ world, ada, grace, alan, boss, mallory } = await openCast());
});

afterAll(() => world.close());

beforeEach(() => {
  world.published.length = 0;
  world.messages.isAway = false;
  world.changes.isAway = false;
});

const { send, create, openDm, update, join, leave, add, remove, told, announced } = mutationsOn(() => world);

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
    expect((await announced(ada, channelId)).map((change) => change.kind)).toEqual([
      'MEMBER_JOINED',
      'CHANNEL_UPDATED',
      'CHANNEL_UPDATED',
    ]);
    expect((await update(ada, { channelId, name: '' })).codes).toEqual(['BAD_USER_INPUT']);
  });
});
