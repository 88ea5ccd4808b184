/** Threads: channels under a message, with the rights of their parent. */
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodeId, uuidOf } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, post } from './testing/acts.ts';
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

const m = mutationsOn(() => world);

/** A channel of Ada's that Grace has joined, with a message of Ada's in it. */
async function talk(input: Record<string, unknown> = {}): Promise<{ channelId: string; messageId: string }> {
  const channelId = await newChannel(world, ada, input);
  await m.join(grace, { channelId });
  return {
    channelId,
    messageId: await post(world, ada, channelId, 'What do you think of this long question?'),
  };
}

async function show(viewer: Viewer, id: string) {
  const { data } = await world.run(
    viewer,
    `query ($id: ID!) { node(id: $id) {
      ... on Message { text replyCount thread { id type name handle head threadRoot { id text } viewerMembership { title checkpoint unreadCount } } }
      ... on Channel { type head archivedAt memberCount threadRoot { id text } viewerMembership { title checkpoint unreadCount }
        messages { edges { node { seq text author { handle } } } } }
    } }`,
    { id },
  );
  return data.node;
}

describe('a reply', () => {
  test('opens the thread of its message, which its author and its root’s author follow', async () => {
    const { channelId, messageId } = await talk();
    expect(await show(ada, messageId)).toMatchObject({ thread: null, replyCount: 0 });
    const { data, errors } = await m.send(grace, {
      channelId,
      threadRootId: messageId,
      text: 'A lot.',
      basis: 0,
    });
    expect(errors).toEqual([]);
    expect(data.sendMessage).toMatchObject({ isDuplicate: false, message: { seq: 1, text: 'A lot.' } });

    const root = await show(ada, messageId);
    expect(root).toMatchObject({
      replyCount: 1,
      thread: {
        type: 'THREAD',
        name: '',
        handle: '',
        head: 1,
        threadRoot: { id: messageId, text: 'What do you think of this long question?' },
        viewerMembership: {
          title: 'What do you think of this long question?',
          checkpoint: 0,
          unreadCount: 1,
        },
      },
    });
    await vi.waitFor(async () => {
      expect((await show(grace, messageId)).thread.viewerMembership).toMatchObject({
        checkpoint: 1,
        unreadCount: 0,
      });
    });
    expect((await show(alan, messageId)).thread.viewerMembership).toBeNull();
    expect(await show(ada, root.thread.id)).toMatchObject({
      type: 'THREAD',
      memberCount: 2,
      messages: { edges: [{ node: { seq: 1, text: 'A lot.', author: { handle: 'grace' } } }] },
    });
    expect(m.told('threadMoved')).toEqual([
      {
        parent: { organizationId: ada.tenant.organizationId, channelId: uuidOf('Channel', channelId) },
        rootSeq: 1,
      },
    ]);
  });

  test('is no message of the channel itself, and its thread stands in no sidebar', async () => {
    const { channelId, messageId } = await talk();
    await m.send(grace, { channelId, threadRootId: messageId, text: 'A lot.' });
    expect((await show(ada, channelId)).head).toBe(1);
    const { data } = await world.run(
      ada,
      '{ viewer { unreadTotal memberships(first: 200) { edges { node { channel { type } } } } } }',
    );
    expect(JSON.stringify(data.viewer)).not.toContain('THREAD');
  });

  test('repeated, on whichever try, is saved once', async () => {
    const { channelId, messageId } = await talk();
    const input = {
      channelId,
      threadRootId: messageId,
      text: 'once',
      clientMessageId: uuidv7(Date.now()),
      basis: 0,
    };
    const answers = await Promise.all([1, 2, 3].map(() => m.send(grace, input)));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(new Set(answers.map(({ data }) => data.sendMessage.message.id)).size).toBe(1);
    expect(answers.filter(({ data }) => !data.sendMessage.isDuplicate)).toHaveLength(1);
    expect((await show(ada, messageId)).replyCount).toBe(1);
  });

  test('goes to the thread by its own id too, and makes its sender a follower', async () => {
    const { messageId } = await talk();
    const { data } = await m.openThread(grace, { messageId });
    const threadId = data.openThread.channel.id;
    const sent = await m.send(grace, { channelId: threadId, text: 'straight in' });
    expect(sent.errors).toEqual([]);
    expect((await show(grace, threadId)).viewerMembership).not.toBeNull();
    expect((await m.send(alan, { channelId: threadId, text: 'x' })).codes).toEqual(['FORBIDDEN']);
  });

  test.each<[string, (its: { channelId: string; messageId: string }) => object | Promise<object>, string]>([
    [
      'the root of another channel',
      async () => ({ threadRootId: (await talk()).messageId }),
      'BAD_USER_INPUT',
    ],
    ['a root that is no message', () => ({ threadRootId: encodeId('User', uuidv7(1)) }), 'BAD_USER_INPUT'],
    ['a root that is malformed', () => ({ threadRootId: 'x' }), 'BAD_USER_INPUT'],
    [
      'a root that is not there',
      ({ channelId }) => ({ threadRootId: encodeId('Message', `${uuidOf('Channel', channelId)}:99`) }),
      'NOT_FOUND',
    ],
    ['an empty text', ({ messageId }) => ({ threadRootId: messageId, text: '' }), 'BAD_USER_INPUT'],
    ['a negative basis', ({ messageId }) => ({ threadRootId: messageId, basis: -1 }), 'BAD_USER_INPUT'],
  ])('with %s is refused', async (_, wrong, code) => {
    const its = await talk();
    const input = { channelId: its.channelId, text: 'fine', ...(await wrong(its)) };
    expect((await m.send(grace, input)).codes).toEqual([code]);
    expect(await show(ada, its.messageId)).toMatchObject({ replyCount: 0 });
  });

  test('to a reply is refused: threads have no threads', async () => {
    const { channelId, messageId } = await talk();
    const { data } = await m.send(grace, { channelId, threadRootId: messageId, text: 'one' });
    const reply = data.sendMessage.message.id;
    const threadId = (await show(ada, messageId)).thread.id;
    const nested = await m.send(grace, { channelId: threadId, threadRootId: reply, text: 'two' });
    expect(nested.codes).toEqual(['BAD_USER_INPUT']);
    expect((await m.openThread(grace, { messageId: reply })).codes).toEqual(['BAD_USER_INPUT']);
  });

  test('is for who may send to the channel', async () => {
    const { channelId, messageId } = await talk();
    const reply = { channelId, threadRootId: messageId, text: 'x' };
    expect((await m.send(alan, reply)).codes).toEqual(['FORBIDDEN']);
    expect((await m.send(mallory, reply)).codes).toEqual(['NOT_FOUND']);
    await m.update(ada, { channelId, postingPolicy: 'ADMINS' });
    expect((await m.send(grace, reply)).codes).toEqual(['FORBIDDEN']);
    expect((await m.send(ada, reply)).codes).toEqual([]);
    await m.archive(ada, { channelId });
    expect((await m.send(ada, reply)).codes).toEqual(['FORBIDDEN']);
    const { thread } = await show(ada, messageId);
    expect((await show(ada, thread.id)).archivedAt).not.toBeNull();
    expect((await m.send(ada, { channelId: thread.id, text: 'x' })).codes).toEqual(['FORBIDDEN']);
  });
});

describe('openThread', () => {
  test('makes it at the first call, and answers with it ever after', async () => {
    const { messageId } = await talk();
    const answers = await Promise.all([ada, grace, ada].map((viewer) => m.openThread(viewer, { messageId })));
    expect(answers.flatMap(({ errors }) => errors)).toEqual([]);
    const ids = answers.map(({ data }) => data.openThread.channel.id);
    expect(new Set(ids).size).toBe(1);
    expect(answers[0]?.data.openThread.channel).toMatchObject({
      type: 'THREAD',
      head: 0,
      threadRoot: { id: messageId },
    });
    expect(await show(ada, messageId)).toMatchObject({ replyCount: 0, thread: { id: ids[0], head: 0 } });
    // Whoever may read the channel may open one that is there; only its members make one.
    expect((await m.openThread(alan, { messageId })).data.openThread.channel.id).toBe(ids[0]);
    expect((await m.openThread(alan, { messageId: (await talk()).messageId })).codes).toEqual(['FORBIDDEN']);
    expect((await m.openThread(mallory, { messageId })).codes).toEqual(['NOT_FOUND']);
  });

  test('refuses a deleted message, an absent one and what is no message', async () => {
    const { channelId, messageId } = await talk();
    await m.erase(ada, { messageId });
    expect((await m.openThread(ada, { messageId })).codes).toEqual(['CONFLICT']);
    const absent = encodeId('Message', `${uuidOf('Channel', channelId)}:9`);
    expect((await m.openThread(ada, { messageId: absent })).codes).toEqual(['NOT_FOUND']);
    expect((await m.openThread(ada, { messageId: channelId })).codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('a thread', () => {
  test('is read by who may read its parent, and by nobody else', async () => {
    const channelId = await newChannel(world, ada, { visibility: 'PRIVATE' });
    const { data } = await world.run(ada, 'query { user(handle: "grace") { id } }');
    await m.add(ada, { channelId, userId: data.user.id });
    const messageId = await post(world, ada, channelId, 'between us');
    await m.send(grace, { channelId, threadRootId: messageId, text: 'just us' });
    const { thread } = await show(ada, messageId);
    expect((await show(grace, thread.id)).head).toBe(1);
    for (const stranger of [alan, mallory]) {
      expect(await show(stranger, thread.id)).toBeNull();
      expect(await show(stranger, messageId)).toBeNull();
      expect((await m.send(stranger, { channelId: thread.id, text: 'x' })).codes).toEqual(['NOT_FOUND']);
    }
    await m.remove(ada, { channelId, userId: data.user.id });
    expect(await show(grace, thread.id)).toBeNull();
    expect((await m.send(grace, { channelId: thread.id, text: 'x' })).codes).toEqual(['NOT_FOUND']);
  });

  test('cannot be joined, left, archived, renamed or have members of its own', async () => {
    const { messageId } = await talk();
    const channelId = (await m.openThread(ada, { messageId })).data.openThread.channel.id;
    const { data } = await world.run(ada, 'query { user(handle: "alan") { id } }');
    const userId = data.user.id;
    for (const refused of [
      m.join(alan, { channelId }),
      m.leave(ada, { channelId }),
      m.archive(ada, { channelId }),
      m.unarchive(ada, { channelId }),
      m.update(ada, { channelId, name: 'x' }),
      m.add(ada, { channelId, userId }),
      m.remove(ada, { channelId, userId }),
      m.updateRole(ada, { channelId, userId, role: 'ADMIN' }),
    ]) {
      expect((await refused).codes).toEqual(['FORBIDDEN']);
    }
  });

  test('has what every channel has: its messages are edited, reacted to, pinned, read', async () => {
    const { channelId, messageId } = await talk();
    const sent = await m.send(grace, { channelId, threadRootId: messageId, text: 'one' });
    const reply = sent.data.sendMessage.message.id;
    expect((await m.edit(grace, { messageId: reply, text: 'two' })).data.editMessage.message.text).toBe(
      'two',
    );
    expect((await m.react(ada, { messageId: reply, emoji: '👍' })).codes).toEqual([]);
    expect((await m.pin(ada, { messageId: reply })).codes).toEqual([]);
    // Ada is an admin of the parent: that is what counts in its threads.
    expect((await m.erase(ada, { messageId: reply })).codes).toEqual([]);
    const { thread } = await show(ada, messageId);
    expect(thread.viewerMembership.unreadCount).toBe(1);
    const read = await m.markRead(ada, { channelId: thread.id, seq: 1 });
    expect(read.data.markRead.membership).toMatchObject({ checkpoint: 1, unreadCount: 0 });
    expect((await m.markRead(alan, { channelId: thread.id, seq: 1 })).codes).toEqual(['FORBIDDEN']);
  });

  test('keeps its replies when its root is deleted, and is called Thread then', async () => {
    const { channelId, messageId } = await talk();
    await m.send(grace, { channelId, threadRootId: messageId, text: 'one' });
    await m.erase(ada, { messageId });
    const root = await show(ada, messageId);
    expect(root).toMatchObject({
      text: '',
      replyCount: 1,
      thread: { viewerMembership: { title: 'Thread' } },
    });
    expect((await show(ada, root.thread.id)).messages.edges).toHaveLength(1);
    expect((await m.send(grace, { channelId, threadRootId: messageId, text: 'two' })).codes).toEqual([]);
  });

  test('is called Thread, and tells no counts, while the message store is away', async () => {
    const { channelId, messageId } = await talk();
    await m.send(grace, { channelId, threadRootId: messageId, text: 'one' });
    const { thread } = await show(ada, messageId);
    world.messages.isAway = true;
    const { data, codes } = await world.run(
      ada,
      'query ($id: ID!) { channel(id: $id) { type threadRoot { text } head viewerMembership { title checkpoint } } }',
      { id: thread.id },
    );
    expect(data.channel).toEqual({
      type: 'THREAD',
      threadRoot: null,
      head: null,
      viewerMembership: { title: 'Thread', checkpoint: 0 },
    });
    expect(codes).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
  });
});
