import { expect, test, vi } from 'vitest';
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { eventLoaders } from './event-loaders.ts';
import { createLoaders } from './loaders.ts';

const viewer = (userId: string): Viewer => ({
  tenant: { organizationId: 'acme', slug: 'acme', cell: 'default', epoch: 1 },
  userId,
  handle: userId,
  isAdmin: false,
  expiresAt: Number.POSITIVE_INFINITY,
});

function counted() {
  const byIds = vi.fn(async (_: Viewer, ids: readonly string[]) => ids.map((id) => ({ id })));
  const ofViewer = vi.fn(async (who: Viewer, ids: readonly string[]) =>
    ids.map((channelId) => ({ id: `${who.userId}/${channelId}`, channelId })),
  );
  const chat = { people: { byIds }, memberships: { ofViewer } } as unknown as Chat;
  return { chat, byIds, ofViewer };
}

const loadersOf = (chat: Chat, userId: string, event: unknown) =>
  createLoaders(chat, viewer(userId), eventLoaders(chat, viewer(userId), event));

test('all subscribers of an event ask once for its people, and each for their own membership', async () => {
  const { chat, byIds, ofViewer } = counted();
  const row = { seq: 1 };
  const memberships = await Promise.all(
    ['ada', 'grace', 'alan'].map(async (userId) => {
      // Each subscription has an event of its own; the row in it is the same.
      const loaders = loadersOf(chat, userId, { type: 'MessagePosted', row });
      expect(await loaders.users.load('author')).toEqual({ id: 'author' });
      return (await loaders.viewerMemberships.load('channel'))?.id;
    }),
  );
  expect(byIds).toHaveBeenCalledTimes(1);
  expect(memberships).toEqual(['ada/channel', 'grace/channel', 'alan/channel']);
  expect(ofViewer).toHaveBeenCalledTimes(3);
});

test('another event, or the same one a second later, asks anew', async () => {
  vi.useFakeTimers();
  try {
    const { chat, byIds } = counted();
    const row = { seq: 1 };
    await loadersOf(chat, 'ada', { row }).users.load('author');
    await loadersOf(chat, 'ada', { row: { seq: 2 } }).users.load('author');
    expect(byIds).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(1_500);
    await loadersOf(chat, 'grace', { row }).users.load('author');
    expect(byIds).toHaveBeenCalledTimes(3);
  } finally {
    vi.useRealTimers();
  }
});

test('events without a row, and requests, share nothing', () => {
  const { chat } = counted();
  expect(eventLoaders(chat, viewer('ada'), { type: 'Ready' })).toBeNull();
  expect(eventLoaders(chat, viewer('ada'), undefined)).toBeNull();
});
