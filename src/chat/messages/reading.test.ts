/** Pages of history, of what changed, and of what is pinned, on the memory model of both logs. */
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { decodeEventCursor, encodeEventCursor, encodePageCursor } from '../cursors/cursor.ts';
import { uuidv7 } from '../ids.ts';
import { StoreUnreachable } from '../log/port.ts';
import type { Viewer } from '../viewer.ts';
import type { MessagePage } from './connection.ts';
import { contentNow } from './content.ts';
import { type OnMemory, onMemory, say } from './testing/on-memory.ts';

let world: OnMemory;
let ada: Viewer;

beforeEach(async () => {
  world = onMemory();
  ada = world.person('ada', { role: 'MEMBER' });
  for (let n = 1; n <= 10; n++) await say(world, ada, `message ${n}`);
});

const ref = (seq: number) => ({ channelId: world.channelId, seq });
const edit = (seq: number, text: string) =>
  world.messages.edit(ada, { ...ref(seq), text, clientChangeId: null });
const pin = (seq: number, isPinned = true) => world.messages.setPinned(ada, ref(seq), isPinned);
const at = (seq: number, rev: number, epoch = 1) =>
  encodeEventCursor({ channelId: world.channelId, epoch, seq, rev });
const numbers = ({ edges }: MessagePage) => edges.map(({ node }) => node.row.seq);
const isCut = ({ pageInfo }: MessagePage) => pageInfo.hasNextPage;
const flags = ({ pageInfo }: MessagePage) => [pageInfo.hasPreviousPage, pageInfo.hasNextPage];

describe('a page of history', () => {
  const newest = async (viewer: Viewer) =>
    world.messages.page(viewer, world.channelId, {}, await world.heads(), null);

  test('shows every change that its position includes', async () => {
    await edit(3, 'edited');
    const page = await newest(ada);
    expect(decodeEventCursor(page.position)).toMatchObject({ seq: 10, rev: 1 });
    expect(page.edges.map(({ node }) => contentNow(node.row.entry).text)[2]).toBe('edited');
  });

  test('is read once for all who ask for it at the same moment', async () => {
    const heads = await world.heads();
    const viewers = Array.from({ length: 100 }, (_, n) => world.person(`person-${n}`));
    world.counted.calls = {};
    const pages = await Promise.all(
      viewers.map((viewer) => world.messages.page(viewer, world.channelId, {}, heads, null)),
    );
    expect(world.counted.calls).toEqual({ range: 1 });
    for (const page of pages) expect(page).toEqual(pages[0]);
    await newest(ada);
    expect(world.counted.calls.range).toBe(2);
  });

  test('is not shared with another range, position or organization', async () => {
    const heads = await world.heads();
    const stranger = { ...ada, tenant: { ...ada.tenant, organizationId: uuidv7(9) } };
    world.counted.calls = {};
    const read = (viewer: Viewer, first: number, rev: number) =>
      world.messages.page(viewer, world.channelId, { first }, { ...heads, rev }, null);
    const pages = await Promise.allSettled([
      read(ada, 5, 0),
      read(ada, 6, 0),
      read(ada, 5, 1),
      read(stranger, 5, 0),
    ]);
    expect(world.counted.calls).toEqual({ range: 4 });
    // Of another organization this is a channel without messages: what was read for others is not shown.
    expect(pages.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected']);
  });
});

describe('messages changed since a position', () => {
  const changed = async (viewer: Viewer, after: string, first?: number) =>
    world.messages.changed(viewer, world.channelId, { after, first }, await world.heads());

  test('come once each, at their newest change, in its order', async () => {
    await edit(2, 'a');
    await edit(5, 'b');
    await edit(2, 'c');
    await pin(7);
    const page = await changed(ada, at(10, 0));
    expect(numbers(page)).toEqual([5, 2, 7]);
    expect(page.edges.map(({ cursor }) => decodeEventCursor(cursor).rev)).toEqual([2, 3, 4]);
    expect(flags(page)).toEqual([false, false]);
    expect(page.totalCount).toBe(10);
    expect(numbers(await changed(ada, at(10, 3)))).toEqual([7]);
    expect(numbers(await changed(ada, at(10, 4)))).toEqual([]);
    expect(numbers(await changed(ada, at(10, 999)))).toEqual([]);
  });

  test('go on from each cursor and miss nothing, however the pages are cut', async () => {
    for (let n = 0; n < 60; n++) await edit(1 + ((n * 7) % 10), `edit ${n}`);
    for (const size of [1, 2, 3, 50]) {
      const seen: number[] = [];
      let after = at(10, 0);
      for (let isMore = true; isMore; ) {
        const page = await changed(ada, after, size);
        seen.push(...numbers(page));
        expect(page.edges.length).toBeLessThanOrEqual(size);
        // Neither claims a change beyond those given.
        expect([page.pageInfo.endCursor, page.position]).toEqual(
          isCut(page) ? [page.edges.at(-1)?.cursor, page.edges.at(-1)?.cursor] : [at(10, 60), at(10, 60)],
        );
        isMore = page.pageInfo.hasNextPage;
        after = page.edges.at(-1)?.cursor ?? after;
      }
      expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    }
  });

  test('keep the place of the messages: what was sent since is not claimed', async () => {
    await edit(2, 'a');
    const page = await changed(ada, at(4, 0));
    expect(decodeEventCursor(page.position)).toMatchObject({ seq: 4, rev: 1 });
    expect(page.edges.map(({ cursor }) => decodeEventCursor(cursor).seq)).toEqual([4]);
  });

  test('are walked a bounded way, and the end says where to go on', async () => {
    await edit(1, 'first');
    // All of one message: none but the last is its newest.
    const revs = 16_384 + 500;
    const one = { channelId: world.channelId, organizationId: ada.tenant.organizationId };
    const entry = { kind: 'UNPINNED', head: 10, actorId: ada.userId, userId: null, seq: 2 } as const;
    for (let rev = 2; rev <= revs; rev++) {
      const row = { seq: rev, at: rev, sendKey: `${rev}`, entry };
      const isFirst = (rev - 1) % 4_096 === 0;
      const bucket = Math.floor((rev - 1) / 4_096);
      await world.stores.changes.append({
        channel: one,
        bucket,
        expectedLast: isFirst ? null : rev - 1,
        rows: [row],
      });
      if (rev === revs) await world.stores.projections.project(one, [row]);
    }
    await world.stores.projections.noteProjected(one, revs);
    const first = await changed(ada, at(10, 1));
    expect(numbers(first)).toEqual([]);
    expect(flags(first)).toEqual([false, true]);
    expect(decodeEventCursor(first.pageInfo.endCursor ?? '').rev).toBe(1 + 16_384);
    const second = await changed(ada, first.pageInfo.endCursor ?? '');
    expect(numbers(second)).toEqual([2]);
    expect(flags(second)).toEqual([false, false]);
  });

  test('come at a change that this version does not know, which says nothing in their row', async () => {
    await edit(2, 'a');
    const one = { channelId: world.channelId, organizationId: ada.tenant.organizationId };
    // What a newer version appended.
    const entry = { kind: 'SHINED' as 'PINNED', head: 10, actorId: ada.userId, userId: null, seq: 2 };
    const rows = [{ seq: 2, at: 2, sendKey: 'newer', entry }];
    await world.stores.changes.append({ channel: one, bucket: 0, expectedLast: 1, rows });
    const page = await changed(ada, at(10, 0));
    expect(numbers(page)).toEqual([2]);
    expect(decodeEventCursor(page.edges[0]?.cursor ?? '').rev).toBe(2);
  });

  test('are walked for a while only when the store is slow, and the end says where to go on', async () => {
    for (let n = 1; n <= 300; n++) await edit(1 + (n % 2), `edit ${n}`);
    const { range } = world.ports.changes;
    const slow = vi.spyOn(world.ports.changes, 'range').mockImplementation((...asked) => {
      world.now += 6_000;
      return range(...asked);
    });
    const first = await changed(ada, at(10, 0));
    expect(slow).toHaveBeenCalledTimes(1);
    expect(flags(first)).toEqual([false, true]);
    expect(decodeEventCursor(first.pageInfo.endCursor ?? '').rev).toBe(256);
    const second = await changed(ada, first.pageInfo.endCursor ?? '');
    expect([...numbers(first), ...numbers(second)]).toEqual([2, 1]);
    expect(flags(second)).toEqual([false, false]);
  });

  test('are all that ever changed for a position of another numbering', async () => {
    await edit(2, 'a');
    const moved = { ...ada, tenant: { ...ada.tenant, epoch: 2 } };
    expect(numbers(await changed(moved, at(10, 500, 1)))).toEqual([2]);
  });

  test.each([
    ['a page cursor, and say what to pass', () => encodePageCursor(world.channelId, 3), /`position`/],
    ['nothing of ours', () => 'bm8=', /not a cursor of this server/],
    [
      "another channel's",
      () => encodeEventCursor({ channelId: uuidv7(9), epoch: 1, seq: 1, rev: 1 }),
      /of another channel/,
    ],
  ])('refuse %s', async (_, cursor, message) => {
    await expect(changed(ada, cursor())).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: expect.stringMatching(message),
    });
  });

  test('refuse sizes out of bounds', async () => {
    await expect(changed(ada, at(1, 0), 201)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
    await expect(changed(ada, at(1, 0), -1)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});

describe('pinned messages', () => {
  const pins = async (args: Parameters<typeof world.messages.pins>[2] = {}) =>
    world.messages.pins(ada, world.channelId, args, await world.heads());

  test('come oldest to newest, without those unpinned or deleted', async () => {
    for (const seq of [8, 2, 5, 6]) await pin(seq);
    await pin(5, false);
    await world.messages.delete(ada, ref(6));
    const page = await pins();
    expect(numbers(page)).toEqual([2, 8]);
    expect(flags(page)).toEqual([false, false]);
    expect(page.edges.every(({ node }) => node.row.entry.projection?.pinnedAt !== undefined)).toBe(true);
  });

  test('are not those whose row says otherwise by then', async () => {
    for (const seq of [2, 8]) await pin(seq);
    const { rows } = world.ports.messages;
    vi.spyOn(world.ports.messages, 'rows').mockImplementationOnce(async (refs) => {
      await world.stores.projections.project(
        { channelId: world.channelId, organizationId: ada.tenant.organizationId },
        [
          {
            seq: 3,
            at: 3,
            sendKey: 'x',
            entry: { kind: 'UNPINNED', head: 10, actorId: 'x', userId: null, seq: 2 },
          },
        ],
      );
      return rows(refs);
    });
    expect(numbers(await pins())).toEqual([8]);
  });

  test('page both ways with exact flags', async () => {
    for (const seq of [1, 3, 5, 7, 9]) await pin(seq);
    const cursor = (seq: number) => encodePageCursor(world.channelId, seq);
    const cases: [Parameters<typeof pins>[0], number[], boolean[]][] = [
      [{ first: 2 }, [1, 3], [false, true]],
      [{ first: 2, after: cursor(3) }, [5, 7], [true, true]],
      [{ first: 5, after: cursor(3) }, [5, 7, 9], [true, false]],
      [{ last: 2 }, [7, 9], [true, false]],
      [{ last: 2, before: cursor(7) }, [3, 5], [true, true]],
      [{ last: 9, before: cursor(4) }, [1, 3], [false, true]],
      [{ first: 1, after: cursor(1), before: cursor(9) }, [3], [true, true]],
      [{ after: cursor(9) }, [], [true, false]],
      [{ before: cursor(1) }, [], [false, true]],
      [{ first: 0 }, [], [false, true]],
      [{ last: 0 }, [], [true, false]],
      [{ first: 3, after: at(5, 0) }, [7, 9], [true, false]],
      [{ first: 9, before: cursor(6) }, [1, 3, 5], [false, true]],
      [{ last: 9, after: cursor(6) }, [7, 9], [true, false]],
    ];
    for (const [args, expected, expectedFlags] of cases) {
      const page = await pins(args);
      expect([args, numbers(page), flags(page)]).toEqual([args, expected, expectedFlags]);
    }
  });
});

test('a store that does not answer is UNAVAILABLE, whatever it is asked', async () => {
  await world.messages.react(ada, { ...ref(1), emoji: '👍' }, true);
  const { projections } = world.stores;
  const away = () => Promise.reject(new StoreUnreachable('away'));
  for (const method of ['pins', 'reactors', 'reactionRevs'] as const) {
    vi.spyOn(projections, method).mockImplementation(away);
  }
  const reaction = { ...ref(1), emoji: '👍' };
  const asked = await Promise.allSettled([
    world.messages.pins(ada, world.channelId, {}, await world.heads()),
    world.messages.reactors(ada, [reaction], 10),
    world.messages.haveReacted(ada, [reaction]),
  ]);
  for (const answer of asked) expect(answer).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
});
