/** Editing, deleting, reacting and pinning: who may, what it shows, and what changes nothing. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeId, uuidOf } from '../resolvers/global-id.ts';
import { askReaction } from '../src/chat/changes/asked.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import { changeSendKey } from '../src/chat/log/entries.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, post } from './testing/acts.ts';
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
  world.messages.isAway = false;
  world.changes.isAway = false;
});

const { edit, erase, react, unreact, pin, unpin, join, archive, unarchive, announced } = mutationsOn(
  () => world,
);

/** A channel of Ada's that Grace has joined, with a message of Grace's in it. */
async function talk(text = 'hello @alan'): Promise<{ channelId: string; messageId: string }> {
  const channelId = await newChannel(world, ada);
  await join(grace, { channelId });
  const messageId = await post(world, grace, channelId, text, { metadata: { mood: 'fine' } });
  return { channelId, messageId };
}

async function show(viewer: Viewer, id: string) {
  const { data } = await world.run(
    viewer,
    `query ($id: ID!) { node(id: $id) { ... on Message {
      seq text metadata editedAt deletedAt isPinned mentions { start } reactions { emoji count users { handle } viewerHasReacted }
    } } }`,
    { id },
  );
  return data.node;
}

const kinds = async (channelId: string) => (await announced(ada, channelId)).map(({ kind }) => kind);

describe('editMessage', () => {
  test('replaces the text and the mentions in it; the metadata stays unless it is given', async () => {
    const { messageId } = await talk();
    const { data, errors } = await edit(grace, { messageId, text: 'now for @ada' });
    expect(errors).toEqual([]);
    expect(data.editMessage.message).toMatchObject({
      id: messageId,
      seq: 1,
      text: 'now for @ada',
      metadata: { mood: 'fine' },
      mentions: [{ kind: 'USER', start: 8, length: 4, user: { handle: 'ada' } }],
      author: { handle: 'grace' },
      deletedAt: null,
    });
    const { createdAt, editedAt } = data.editMessage.message;
    expect(Date.parse(editedAt)).toBeGreaterThanOrEqual(Date.parse(createdAt));
    expect(await show(ada, messageId)).toMatchObject({ text: 'now for @ada', editedAt });

    await edit(grace, { messageId, text: 'now for @ada', metadata: { mood: 'better' } });
    expect((await show(ada, messageId)).metadata).toEqual({ mood: 'better' });
    await edit(grace, { messageId, text: 'now for @ada', metadata: null });
    expect((await show(ada, messageId)).metadata).toBeNull();
  });

  test('to what it says already is no change', async () => {
    const { channelId, messageId } = await talk('same');
    const { data } = await edit(grace, { messageId, text: 'same' });
    expect(data.editMessage.message).toMatchObject({ text: 'same', editedAt: null });
    expect(await kinds(channelId)).not.toContain('EDITED');
  });

  test('repeated with its clientChangeId never undoes a newer one', async () => {
    const { messageId } = await talk();
    const clientChangeId = uuidv7(Date.now());
    await edit(grace, { messageId, text: 'one', clientChangeId });
    await edit(grace, { messageId, text: 'two' });
    const { data, errors } = await edit(grace, { messageId, text: 'one', clientChangeId });
    expect(errors).toEqual([]);
    expect(data.editMessage.message.text).toBe('two');
  });

  test('is the author’s alone: not even an admin puts words in a mouth', async () => {
    const { channelId, messageId } = await talk();
    const text = 'I never said that';
    expect((await edit(ada, { messageId, text })).codes).toEqual(['FORBIDDEN']);
    expect((await edit(boss, { messageId, text })).codes).toEqual(['FORBIDDEN']);
    expect((await edit(mallory, { messageId, text })).codes).toEqual(['NOT_FOUND']);
    await world.run(grace, 'mutation ($id: ID!) { leaveChannel(input: { channelId: $id }) { channelId } }', {
      id: channelId,
    });
    expect((await edit(grace, { messageId, text })).codes).toEqual(['FORBIDDEN']);
    expect((await show(ada, messageId)).text).toBe('hello @alan');
  });

  test.each<[string, object]>([
    ['empty text', { text: '' }],
    ['text over 16,000 units', { text: 'x'.repeat(16_001) }],
    ['half a surrogate pair', { text: '\ud800' }],
    ['metadata over 16 KiB', { metadata: { a: 'x'.repeat(17_000) } }],
    ['metadata that is no object', { metadata: [1] }],
    ['a clientChangeId that is no UUID', { clientChangeId: 'abc' }],
    ['the id of something else', { messageId: encodeId('Channel', uuidv7(1)) }],
    ['a malformed id', { messageId: 'hello' }],
    ['a number below the first', { messageId: encodeId('Message', `${uuidv7(1)}:0`) }],
  ])('refuses %s with BAD_USER_INPUT', async (_, wrong) => {
    const { channelId, messageId } = await talk();
    expect((await edit(grace, { messageId, text: 'fine', ...wrong })).codes).toEqual(['BAD_USER_INPUT']);
    expect((await show(ada, messageId)).text).toBe('hello @alan');
    expect(await kinds(channelId)).not.toContain('EDITED');
  });
});

describe('deleteMessage', () => {
  test('leaves nothing of what it said, for good, and its number where it was', async () => {
    const { channelId, messageId } = await talk('the secret');
    await edit(grace, { messageId, text: 'the other secret' });
    const { data, errors } = await erase(grace, { messageId });
    expect(errors).toEqual([]);
    expect(data.deleteMessage.message).toMatchObject({
      seq: 1,
      text: '',
      metadata: null,
      mentions: [],
      author: { handle: 'grace' },
    });
    expect(data.deleteMessage.message.deletedAt).not.toBeNull();
    expect((await erase(ada, { messageId })).codes).toEqual([]);
    expect(await show(ada, messageId)).toMatchObject({ text: '', deletedAt: expect.any(String) });
    expect(JSON.stringify(await announced(ada, channelId))).not.toContain('secret');
    const key = { organizationId: ada.tenant.organizationId, channelId: uuidOf('Channel', channelId) };
    expect(JSON.stringify(await world.messages.port.range(key, 1, 10))).not.toContain('secret');
    expect(await post(world, grace, channelId, 'next')).toBe(
      encodeId('Message', `${uuidOf('Channel', channelId)}:2`),
    );
  });

  test('is for the author and for admins of the channel or the organization', async () => {
    const { channelId, messageId } = await talk();
    await join(alan, { channelId });
    expect((await erase(alan, { messageId })).codes).toEqual(['FORBIDDEN']);
    expect((await erase(mallory, { messageId })).codes).toEqual(['NOT_FOUND']);
    expect((await erase(boss, { messageId })).codes).toEqual([]);
    expect((await erase(ada, { messageId: await post(world, grace, channelId, 'x') })).codes).toEqual([]);
    expect((await erase(grace, { messageId: await post(world, grace, channelId, 'x') })).codes).toEqual([]);
  });

  test('is the end: nothing can be done to a deleted message', async () => {
    const { messageId } = await talk();
    await erase(grace, { messageId });
    expect((await edit(grace, { messageId, text: 'back' })).codes).toEqual(['CONFLICT']);
    expect((await react(grace, { messageId, emoji: '👍' })).codes).toEqual(['CONFLICT']);
    expect((await pin(grace, { messageId })).codes).toEqual(['CONFLICT']);
    expect(await show(ada, messageId)).toMatchObject({ text: '', reactions: [], isPinned: false });
  });
});

describe('reactions', () => {
  test('are counted, in the order in which they came, each person once', async () => {
    const { channelId, messageId } = await talk();
    await join(alan, { channelId });
    await react(grace, { messageId, emoji: '🎉' });
    await react(ada, { messageId, emoji: ':tada-2:' });
    await react(alan, { messageId, emoji: '🎉' });
    const { data, errors } = await react(ada, { messageId, emoji: '🎉' });
    expect(errors).toEqual([]);
    expect(data.addReaction.message.reactions).toEqual([
      {
        id: expect.any(String),
        emoji: '🎉',
        count: 3,
        viewerHasReacted: true,
        users: [{ handle: 'grace' }, { handle: 'alan' }, { handle: 'ada' }],
      },
      {
        id: expect.any(String),
        emoji: ':tada-2:',
        count: 1,
        viewerHasReacted: true,
        users: [{ handle: 'ada' }],
      },
    ]);
    const before = await kinds(channelId);
    expect((await react(ada, { messageId, emoji: '🎉' })).data.addReaction.message.reactions[0].count).toBe(
      3,
    );
    expect(await kinds(channelId)).toEqual(before);
  });

  test('can be taken back, by whom they are; the last one takes its emoji along', async () => {
    const { channelId, messageId } = await talk();
    await react(grace, { messageId, emoji: '👍' });
    await react(ada, { messageId, emoji: '👍' });
    const { data } = await unreact(grace, { messageId, emoji: '👍' });
    expect(data.removeReaction.message.reactions).toMatchObject([
      { emoji: '👍', count: 1, viewerHasReacted: false, users: [{ handle: 'ada' }] },
    ]);
    const before = await kinds(channelId);
    const again = await unreact(grace, { messageId, emoji: '👍' });
    expect(again.errors).toEqual([]);
    expect(await kinds(channelId)).toEqual(before);
    expect((await unreact(ada, { messageId, emoji: '👍' })).data.removeReaction.message.reactions).toEqual(
      [],
    );
  });

  test('have ids of their own: of message and emoji', async () => {
    const { channelId, messageId } = await talk();
    const other = await post(world, grace, channelId, 'other');
    const ids = [];
    for (const emoji of ['👍', '👍🏽', ':thumbsup:', '❤️']) {
      for (const id of [messageId, other]) {
        const { data } = await react(ada, { messageId: id, emoji });
        ids.push(data.addReaction.message.reactions.at(-1).id);
      }
    }
    expect(new Set(ids).size).toBe(8);
  });

  test('are for members, and cannot be told from nothing by those who may not see', async () => {
    const { messageId } = await talk();
    const reaction = { messageId, emoji: '👍' };
    expect((await react(alan, reaction)).codes).toEqual(['FORBIDDEN']);
    expect((await unreact(alan, reaction)).codes).toEqual(['FORBIDDEN']);
    const [foreign, absent] = await Promise.all([
      react(mallory, reaction),
      react(mallory, { messageId: encodeId('Message', `${uuidv7(1)}:1`), emoji: '👍' }),
    ]);
    expect(foreign.codes).toEqual(['NOT_FOUND']);
    expect(foreign.errors.map((e) => e.message)).toEqual(absent.errors.map((e) => e.message));
  });

  test.each([
    '',
    'x',
    '1',
    'ab',
    '👍👍',
    ':no spaces:',
    '::',
    ':',
    ':A:',
    `:${'a'.repeat(65)}:`,
    '<img>',
    '\ud83d',
  ])('refuse %j: it is no emoji', async (emoji) => {
    const { channelId, messageId } = await talk();
    expect((await react(grace, { messageId, emoji })).codes).toEqual(['BAD_USER_INPUT']);
    expect(await kinds(channelId)).not.toContain('REACTION_ADDED');
  });

  test.each(['👍', '👍🏽', '❤️', '🇫🇷', '1️⃣', '👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', ':name:', ':+1:', ':skin_tone-2:'])(
    'take %s',
    async (emoji) => {
      const { messageId } = await talk();
      const { data } = await react(grace, { messageId, emoji });
      expect(data.addReaction.message.reactions).toMatchObject([{ emoji, count: 1 }]);
    },
  );

  test('are of at most 50 different emoji on a message: of 5,000 the rest is refused with a code', async () => {
    const { channelId, messageId } = await talk();
    const first = await Promise.all(
      Array.from({ length: 100 }, (_, i) => react(grace, { messageId, emoji: `:emoji-${i}:` })),
    );
    expect(first.flatMap(({ codes }) => codes)).toEqual(Array.from({ length: 50 }, () => 'BAD_USER_INPUT'));
    // The others as the use case asks for them, without asking each time who may.
    const channel = { organizationId: grace.tenant.organizationId, channelId: uuidOf('Channel', channelId) };
    for (let wave = 100; wave < 5_000; wave += 100) {
      const others = Array.from({ length: 100 }, (_, i) =>
        world.ports.changes.append(channel, {
          sendKey: changeSendKey(grace.userId, uuidv7(Date.now())),
          entry: askReaction({ seq: 1, actorId: grace.userId }, `:emoji-${wave + i}:`, true),
          bytes: 800,
          searchBack: 'ONE_BUCKET',
        }),
      );
      for (const other of await Promise.allSettled(others)) {
        expect(other).toMatchObject({ status: 'rejected', reason: { code: 'BAD_USER_INPUT' } });
      }
    }
    expect((await show(ada, messageId)).reactions).toHaveLength(50);
    expect((await react(ada, { messageId, emoji: ':one-more:' })).codes).toEqual(['BAD_USER_INPUT']);
    const [{ emoji }] = (await show(ada, messageId)).reactions;
    expect((await react(ada, { messageId, emoji })).codes).toEqual([]);
    await unreact(ada, { messageId, emoji });
    await unreact(grace, { messageId, emoji });
    expect((await react(ada, { messageId, emoji: ':one-more:' })).codes).toEqual([]);
  }, 120_000);
});

describe('pins', () => {
  const PINS = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { channel(id: $id) {
    pins(first: $first, after: $after, last: $last, before: $before) {
      totalCount position pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { seq isPinned } }
    }
  } }`;
  const pins = async (channelId: string, args: object = {}) => {
    const { data, codes } = await world.run(alan, PINS, { id: channelId, ...args });
    const page = data?.channel?.pins;
    return {
      codes,
      page,
      seqs: page?.edges.map((edge: { node: { seq: number } }) => edge.node.seq),
      flags: page && [page.pageInfo.hasPreviousPage, page.pageInfo.hasNextPage],
    };
  };

  test('are set and taken away by members, whoever wrote it, and listed by number', async () => {
    const channelId = await newChannel(world, ada);
    await join(grace, { channelId });
    const ids: string[] = [];
    for (let i = 1; i <= 6; i += 1) ids.push(await post(world, ada, channelId, `${i}`));
    expect((await pins(channelId)).seqs).toEqual([]);
    for (const place of [4, 1, 2, 5]) {
      const { data } = await pin(grace, { messageId: ids[place] });
      expect(data.pinMessage.message.isPinned).toBe(true);
    }
    expect((await pins(channelId)).seqs).toEqual([2, 3, 5, 6]);
    const changes = await kinds(channelId);
    expect((await pin(ada, { messageId: ids[4] })).codes).toEqual([]);
    expect(await kinds(channelId)).toEqual(changes);

    const first = await pins(channelId, { first: 2 });
    expect([first.seqs, first.flags]).toEqual([
      [2, 3],
      [false, true],
    ]);
    const rest = await pins(channelId, { first: 5, after: first.page.pageInfo.endCursor });
    expect([rest.seqs, rest.flags]).toEqual([
      [5, 6],
      [true, false],
    ]);
    const back = await pins(channelId, { last: 1, before: rest.page.pageInfo.startCursor });
    expect([back.seqs, back.flags]).toEqual([[3], [true, true]]);

    expect((await unpin(ada, { messageId: ids[2] })).data.unpinMessage.message.isPinned).toBe(false);
    expect((await unpin(ada, { messageId: ids[2] })).codes).toEqual([]);
    expect((await pins(channelId)).seqs).toEqual([2, 5, 6]);
    expect((await pin(alan, { messageId: ids[0] })).codes).toEqual(['FORBIDDEN']);
    expect((await unpin(mallory, { messageId: ids[0] })).codes).toEqual(['NOT_FOUND']);
  });

  test.each([
    ['first with last', { first: 1, last: 1 }],
    ['a negative size', { first: -1 }],
    ['over 200', { last: 201 }],
    ['a cursor that is none', { after: 'nonsense' }],
  ])('refuse %s', async (_, args) => {
    const channelId = await newChannel(world, ada);
    expect((await pins(channelId, args)).codes).toEqual(['BAD_USER_INPUT']);
  });
});

describe('an archived channel', () => {
  test('is read like any other, and nothing in it changes until it is opened again', async () => {
    const { channelId, messageId } = await talk();
    await react(grace, { messageId, emoji: '👍' });
    const { data } = await archive(ada, { channelId });
    expect(data.archiveChannel.channel.archivedAt).not.toBeNull();
    const done = await Promise.all([
      edit(grace, { messageId, text: 'x' }),
      erase(grace, { messageId }),
      react(grace, { messageId, emoji: '🎉' }),
      unreact(grace, { messageId, emoji: '👍' }),
      pin(grace, { messageId }),
      unpin(grace, { messageId }),
    ]);
    expect(done.map(({ codes }) => codes)).toEqual(done.map(() => ['FORBIDDEN']));
    expect(await show(grace, messageId)).toMatchObject({ text: 'hello @alan', reactions: [{ count: 1 }] });
    expect((await unarchive(ada, { channelId })).data.unarchiveChannel.channel.archivedAt).toBeNull();
    expect((await edit(grace, { messageId, text: 'x' })).codes).toEqual([]);
  });

  test('is archived and opened by its admins, once', async () => {
    const { channelId } = await talk();
    expect((await archive(grace, { channelId })).codes).toEqual(['FORBIDDEN']);
    expect((await archive(mallory, { channelId })).codes).toEqual(['NOT_FOUND']);
    const first = await archive(boss, { channelId });
    const again = await archive(ada, { channelId });
    expect(again.data.archiveChannel.channel.archivedAt).toBe(first.data.archiveChannel.channel.archivedAt);
    expect((await kinds(channelId)).filter((kind) => kind === 'CHANNEL_UPDATED')).toHaveLength(1);
    expect((await unarchive(grace, { channelId })).codes).toEqual(['FORBIDDEN']);
  });
});

test('without the message store changes say UNAVAILABLE, retryable', async () => {
  const { messageId } = await talk();
  world.messages.isAway = true;
  world.changes.isAway = true;
  for (const answer of await Promise.all([
    edit(grace, { messageId, text: 'x' }),
    react(grace, { messageId, emoji: '👍' }),
    pin(grace, { messageId }),
    erase(grace, { messageId }),
  ])) {
    expect(answer.errors[0]?.extensions).toEqual({ code: 'UNAVAILABLE', retryable: true });
  }
});
