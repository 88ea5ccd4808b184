/** Sending, reading on and the settings of a membership: who may, and what follows. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeId } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, say, userId } from './testing/acts.ts';
import { openCast } from './testing/cast.ts';
import { mutationsOn } from './testing/mutations.ts';
import type { World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;
let alan: Viewer;
let mallory: Viewer;

beforeAll(async () => {
  ({ world, ada, grace, alan, mallory } = await openCast());
});

afterAll(() => world.close());

beforeEach(() => {
  world.published.length = 0;
  world.messages.isAway = false;
  world.changes.isAway = false;
});

const { send, update, join, markRead, updateMembership, told } = mutationsOn(() => world);

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
