import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Chat } from '../src/chat/chat.ts';
import { encodeEventCursor } from '../src/chat/cursors/cursor.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { EventLoaders } from './event-loaders.ts';
import { createLoaders } from './loaders.ts';

const viewer = (userId: string, organizationId = 'acme'): Viewer => ({
  tenant: { organizationId, slug: organizationId, cell: 'default', epoch: 1 },
  userId,
  handle: userId,
  isAdmin: false,
  expiresAt: Number.POSITIVE_INFINITY,
});

const channelId = '0195d3a0-0000-7000-8000-000000000001';
const event = (seq: number, rev: number) => ({
  channelId,
  cursor: encodeEventCursor({ channelId, epoch: 1, seq, rev }),
});

function counted() {
  const byIds = vi.fn(async (_: Viewer, ids: readonly string[]) => ids.map((id) => ({ id })));
  const ofViewer = vi.fn(async (who: Viewer, ids: readonly string[]) =>
    ids.map((id) => ({ id: `${who.userId}/${id}`, userId: who.userId, channelId: id })),
  );
  const heads = vi.fn(async () => [7]);
  const chat = { people: { byIds }, memberships: { ofViewer }, messages: { heads } } as unknown as Chat;
  const shared = new EventLoaders(chat);
  const loadersOf = (who: Viewer, of: unknown) => createLoaders(chat, who, shared.of(who, of));
  return { shared, byIds, ofViewer, heads, loadersOf };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('all subscribers of an event, and of the next, ask once for people, and each for their own membership', async () => {
  const { byIds, ofViewer, loadersOf } = counted();
  for (const seq of [1, 2, 3]) {
    for (const userId of ['ada', 'grace']) {
      const loaders = loadersOf(viewer(userId), event(seq, 5));
      expect(await loaders.users.load('author')).toEqual({ id: 'author' });
      expect((await loaders.viewerMemberships.load(channelId))?.id).toBe(`${userId}/${channelId}`);
    }
  }
  expect(byIds).toHaveBeenCalledTimes(1);
  expect(ofViewer).toHaveBeenCalledTimes(6);
});

test('after a change of the channel, and after a moment, the stores are asked again', async () => {
  const { shared, byIds, loadersOf } = counted();
  await loadersOf(viewer('ada'), event(1, 5)).users.load('author');
  await loadersOf(viewer('ada'), event(1, 6)).users.load('author');
  expect(byIds).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(300);
  await loadersOf(viewer('grace'), event(2, 6)).users.load('author');
  expect(byIds).toHaveBeenCalledTimes(3);
  expect(shared.size).toBe(1);
});

test('what a replay shows is as new as the last change that it tells of', async () => {
  const { byIds, loadersOf } = counted();
  await loadersOf(viewer('ada'), event(1, 5)).users.load('author');
  // Rev 6 came meanwhile; one replayed update at rev 5 stands for both.
  await loadersOf(viewer('grace'), { ...event(1, 5), asOf: 6 }).users.load('author');
  expect(byIds).toHaveBeenCalledTimes(2);
  await loadersOf(viewer('grace'), event(2, 6)).users.load('author');
  expect(byIds).toHaveBeenCalledTimes(2);
});

test('a head read a moment ago is never below the message in hand', async () => {
  const { heads, loadersOf } = counted();
  expect(await loadersOf(viewer('ada'), event(7, 5)).heads.load(channelId)).toBe(7);
  const next = loadersOf(viewer('ada'), event(8, 5));
  next.heads.seen(channelId, 8);
  expect(await next.heads.load(channelId)).toBe(8);
  expect(heads).toHaveBeenCalledTimes(1);
});

test('organizations, requests and events without a place share nothing', async () => {
  const { shared, byIds, loadersOf } = counted();
  await loadersOf(viewer('ada'), event(1, 5)).users.load('author');
  await loadersOf(viewer('mallory', 'evil'), event(1, 5)).users.load('author');
  expect(byIds).toHaveBeenCalledTimes(2);
  expect(shared.of(viewer('ada'), { type: 'Ready', cursor: null })).toBeNull();
  expect(shared.of(viewer('ada'), undefined)).toBeNull();
  expect(shared.of(null, event(1, 5))).toBeNull();
});

test('all who are told of a moved thread ask once, and are shown nothing from before it moved', async () => {
  const { shared, heads, loadersOf } = counted();
  const thread = '0195d3a0-0000-7000-8000-000000000002';
  const moved = { type: 'MessageUpdated', channelId, cursor: null, seq: 3, change: 'THREAD' };
  const count = (who: string, of: object) => loadersOf(viewer(who), of).heads.load(thread);
  expect(await count('ada', event(1, 5))).toBe(7);
  heads.mockResolvedValue([8]);
  vi.advanceTimersByTime(10);
  // Not told anew yet: the same as a moment ago.
  expect(await count('grace', event(1, 5))).toBe(7);
  for (const who of ['ada', 'grace', 'alan']) expect(await count(who, moved)).toBe(8);
  expect(heads).toHaveBeenCalledTimes(2);
  // A replay that comes later than the news does not take it back.
  expect(await count('ada', event(1, 5))).toBe(8);
  expect(heads).toHaveBeenCalledTimes(3);
  // The next news of it, a second later, is as new as itself.
  heads.mockResolvedValue([9]);
  vi.advanceTimersByTime(1_000);
  expect(await count('grace', moved)).toBe(9);
  vi.advanceTimersByTime(300);
  expect(await count('grace', event(1, 6))).toBe(9);
  expect(shared.size).toBe(1);
});
