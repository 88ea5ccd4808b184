/** Channel.changedMessages: what a client with a cache asks for after a gap. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uuidOf } from '../resolvers/global-id.ts';
import { encodeEventCursor, encodePageCursor } from '../src/chat/cursors/cursor.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, post } from './testing/acts.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let id: string;
let channelId: string;
let start: string;

const change = async (seq: number, text: string) =>
  world.chat.messages.edit(ada, { channelId, seq, text, clientChangeId: null });

async function changed(args: Record<string, unknown>) {
  const { data, codes } = await world.run(
    ada,
    `query ($id: ID!, $after: String!, $first: Int) { channel(id: $id) {
      changedMessages(after: $after, first: $first) {
        edges { cursor node { seq text reactions { count } deletedAt } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        totalCount position
      }
    } }`,
    { id, ...args },
  );
  const page = data?.channel?.changedMessages;
  return {
    codes,
    page,
    texts: page?.edges.map((edge: { node: { text: string } }) => edge.node.text),
  };
}

beforeAll(async () => {
  world = await openWorld();
  ada = await world.person('acme', 'ada');
  id = await newChannel(world, ada);
  channelId = uuidOf('Channel', id);
  for (let i = 1; i <= 6; i += 1) await post(world, ada, id, `sent ${i}`);
  const { data } = await world.run(ada, 'query ($id: ID!) { channel(id: $id) { messages { position } } }', {
    id,
  });
  start = data.channel.messages.position;
});

afterAll(() => world.close());

test('nothing has changed since the page was read', async () => {
  const { page, codes } = await changed({ after: start });
  expect(codes).toEqual([]);
  expect(page).toMatchObject({ edges: [], pageInfo: { hasNextPage: false }, totalCount: 6 });
});

test('each message comes once, at its newest change, as it is now; on from any cursor', async () => {
  await change(4, 'four');
  await change(2, 'two');
  await world.chat.messages.react(ada, { channelId, seq: 1, emoji: '👍' }, true);
  await change(4, 'four again');
  await world.chat.messages.delete(ada, { channelId, seq: 6 });
  const all = await changed({ after: start });
  expect(all.texts).toEqual(['two', 'sent 1', 'four again', '']);
  expect(all.page.pageInfo).toMatchObject({ hasNextPage: false });
  expect(all.page.edges[1].node.reactions).toEqual([{ count: 1 }]);
  expect(all.page.edges[3].node.deletedAt).not.toBeNull();

  const first = await changed({ after: start, first: 2 });
  expect([first.texts, first.page.pageInfo.hasNextPage]).toEqual([['two', 'sent 1'], true]);
  const rest = await changed({ after: first.page.pageInfo.endCursor, first: 2 });
  expect([rest.texts, rest.page.pageInfo.hasNextPage]).toEqual([['four again', ''], false]);
  expect((await changed({ after: all.page.edges[2].cursor })).texts).toEqual(['']);
  // What changes meanwhile comes again, later.
  await change(2, 'two again');
  expect((await changed({ after: first.page.pageInfo.endCursor })).texts).toEqual([
    'four again',
    '',
    'two again',
  ]);
});

test.each<[string, () => Record<string, unknown>, string]>([
  ['no cursor at all', () => ({}), 'BAD_USER_INPUT'],
  ['a cursor that is none', () => ({ after: 'nonsense' }), 'BAD_USER_INPUT'],
  [
    'a page cursor, which knows no changes',
    () => ({ after: encodePageCursor(channelId, 3) }),
    'BAD_USER_INPUT',
  ],
  [
    'the cursor of another channel',
    () => ({
      after: encodeEventCursor({
        channelId: '0195d3a0-0000-7000-8000-000000000001',
        epoch: 1,
        seq: 0,
        rev: 0,
      }),
    }),
    'BAD_USER_INPUT',
  ],
  ['a negative size', () => ({ after: start, first: -1 }), 'BAD_USER_INPUT'],
  ['over 200', () => ({ after: start, first: 201 }), 'BAD_USER_INPUT'],
])('refuses %s', async (_, args, code) => {
  expect((await changed(args())).codes).toEqual([code]);
});

test('a cursor from beyond the end, as before a restore, is taken for the end', async () => {
  const after = encodeEventCursor({ channelId, epoch: ada.tenant.epoch, seq: 9_999, rev: 9_999 });
  expect((await changed({ after })).page).toMatchObject({ edges: [], pageInfo: { hasNextPage: false } });
});
