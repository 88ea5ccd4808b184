/** Pages of history, both ways and around, and what is left of a channel while its messages are away. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, say } from './testing/acts.ts';
import { openWorld, type World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;

beforeAll(async () => {
  world = await openWorld();
  ada = await world.person('acme', 'ada', { name: 'Ada Lovelace' });
  grace = await world.person('acme', 'grace', { name: 'Grace Hopper' });
});

afterAll(() => world.close());

const MESSAGES = `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: Int, $aroundUnread: Boolean) {
  channel(id: $id) {
    messages(first: $first, after: $after, last: $last, before: $before, around: $around, aroundUnread: $aroundUnread) {
      edges { cursor node { seq text author { name } } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
      position
    }
  }
}`;

async function messages(viewer: Viewer, id: string, args: Record<string, unknown> = {}) {
  const answer = await world.run(viewer, MESSAGES, { id, ...args });
  const page = answer.data?.channel?.messages;
  return {
    ...answer,
    page,
    seqs: page?.edges.map((edge: { node: { seq: number } }) => edge.node.seq),
    flags: page && [page.pageInfo.hasPreviousPage, page.pageInfo.hasNextPage],
  };
}

describe('history', () => {
  let id = '';
  beforeAll(async () => {
    id = await newChannel(world, ada);
    for (let i = 1; i <= 60; i += 1) await say(world, ada, id, `text ${i}`);
  });
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

  test('is the newest 50, oldest first, with exact flags, count and authors', async () => {
    const { page, seqs, flags } = await messages(ada, id);
    expect(seqs).toEqual(range(11, 60));
    expect(flags).toEqual([true, false]);
    expect(page.totalCount).toBe(60);
    expect(page.edges[0].node).toEqual({ seq: 11, text: 'text 11', author: { name: 'Ada Lovelace' } });
    expect(page.pageInfo.startCursor).toBe(page.edges[0].cursor);
    expect(page.pageInfo.endCursor).toBe(page.edges[49].cursor);
  });

  test('pages both ways to the ends, where the flags say that it ends', async () => {
    const first = await messages(ada, id, { first: 40 });
    expect([first.seqs, first.flags]).toEqual([range(1, 40), [false, true]]);
    const rest = await messages(ada, id, { first: 40, after: first.page.pageInfo.endCursor });
    expect([rest.seqs, rest.flags]).toEqual([range(41, 60), [true, false]]);
    const back = await messages(ada, id, { last: 40, before: rest.page.pageInfo.startCursor });
    expect([back.seqs, back.flags]).toEqual([range(1, 40), [false, true]]);
    const none = await messages(ada, id, { after: rest.page.pageInfo.endCursor });
    expect([none.seqs, none.flags]).toEqual([[], [true, false]]);
  });

  test('its position is a cursor to page from, like any event cursor', async () => {
    const { page } = await messages(ada, id, { first: 1 });
    expect((await messages(ada, id, { after: page.position })).seqs).toEqual([]);
    expect((await messages(ada, id, { before: page.position, last: 1 })).seqs).toEqual([59]);
  });

  test('is centred on a number, or on what is unread', async () => {
    expect((await messages(ada, id, { around: 30 })).seqs).toEqual(range(6, 55));
    expect((await messages(grace, id, { aroundUnread: true })).seqs).toEqual(range(11, 60));
    await world.run(
      ada,
      'mutation ($id: ID!) { markRead(input: { channelId: $id, seq: 5, markUnread: true }) { membership { id } } }',
      { id },
    );
    expect((await messages(ada, id, { aroundUnread: true })).seqs).toEqual(range(1, 50));
    await world.run(
      ada,
      'mutation ($id: ID!) { markRead(input: { channelId: $id, seq: 60 }) { membership { id } } }',
      { id },
    );
    expect((await messages(ada, id, { aroundUnread: true })).seqs).toEqual(range(11, 60));
  });

  test.each([
    ['first with last', { first: 1, last: 1 }],
    ['a negative size', { last: -1 }],
    ['over 200', { first: 201 }],
    ['around with first', { around: 1, first: 1 }],
    ['a cursor that is none', { after: 'nonsense' }],
  ])('refuses %s', async (_, args) => {
    const { codes, data } = await messages(ada, id, args);
    expect(codes).toEqual(['BAD_USER_INPUT']);
    expect(data.channel.messages).toBeNull();
  });

  test('refuses the cursor of another channel', async () => {
    const other = await newChannel(world, ada);
    await say(world, ada, other, 'hi');
    const { page } = await messages(ada, other);
    for (const after of [page.position, page.pageInfo.endCursor]) {
      expect((await messages(ada, id, { after })).codes).toEqual(['BAD_USER_INPUT']);
    }
  });

  test('one message by its number; null beside the log', async () => {
    const { data, errors } = await world.run(
      ada,
      'query ($id: ID!) { channel(id: $id) { head firstSeq one: message(seq: 7) { text channel { id head } } over: message(seq: 61) { id } zero: message(seq: 0) { id } lastMessage { seq } } }',
      { id },
    );
    expect(errors).toEqual([]);
    expect(data.channel).toEqual({
      head: 60,
      firstSeq: 1,
      one: { text: 'text 7', channel: { id, head: 60 } },
      over: null,
      zero: null,
      lastMessage: { seq: 60 },
    });
  });

  test('cursors of dates and numbers page like any other', async () => {
    const { data } = await world.run(
      ada,
      `query ($id: ID!) { channel(id: $id) {
        start: cursorAt(date: "1970-01-01T00:00:00.000Z") zero: cursorOf(seq: 0)
        end: cursorAt(date: "2999-01-01T00:00:00.000Z") head: cursorOf(seq: 60) ten: cursorOf(seq: 10)
      } }`,
      { id },
    );
    expect(data.channel.start).toBe(data.channel.zero);
    expect(data.channel.end).toBe(data.channel.head);
    expect((await messages(ada, id, { after: data.channel.ten, first: 2 })).seqs).toEqual([11, 12]);
    for (const seq of [-1, 61]) {
      const { codes } = await world.run(
        ada,
        'query ($id: ID!, $seq: Int!) { channel(id: $id) { cursorOf(seq: $seq) } }',
        { id, seq },
      );
      expect(codes).toEqual(['BAD_USER_INPUT']);
    }
  });
});

describe('while the message store does not answer', () => {
  test('what needs it is null and says so; the rest answers', async () => {
    const id = await newChannel(world, ada, { name: 'Resilient' });
    world.messages.isAway = true;
    try {
      const { data, errors } = await world.run(
        ada,
        `query ($id: ID!) { viewer { unreadTotal } channel(id: $id) {
          name memberCount head lastMessage { id } messages { totalCount } cursorAt(date: "2026-01-01T00:00:00Z")
          viewerMembership { title unreadCount checkpoint }
        } }`,
        { id },
      );
      expect(data).toEqual({
        viewer: { unreadTotal: null },
        channel: {
          name: 'Resilient',
          memberCount: 1,
          head: null,
          lastMessage: null,
          messages: null,
          cursorAt: null,
          viewerMembership: { title: 'Resilient', unreadCount: null, checkpoint: 0 },
        },
      });
      expect(errors).toHaveLength(6);
      for (const error of errors) {
        expect(error.extensions).toEqual({ code: 'UNAVAILABLE', retryable: true });
      }
    } finally {
      world.messages.isAway = false;
    }
  });
});
