import { expect, test, vi } from 'vitest';
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { createLoaders, type Loaders } from './loaders.ts';

const viewer = { tenant: { organizationId: 'acme' }, userId: 'ada' } as Viewer;

/** A chat that finds nothing, and counts what it is asked. */
function counted() {
  const none = vi.fn(async () => []);
  const noneById = vi.fn(async () => new Map());
  const zeros = vi.fn(async (_viewer: unknown, ids: readonly string[]) => ids.map(() => 0));
  const chat = {
    people: { users: none, organizations: none },
    channels: { byIds: none, readable: noneById, memberCounts: noneById, memberIds: noneById },
    memberships: { byIds: none, ofViewer: none },
    notifications: {
      byIds: none,
      mentionCounts: vi.fn(async (places: readonly unknown[]) => places.map(() => 0)),
    },
    messages: { heads: zeros, revs: zeros },
  };
  const asked = (): number =>
    [none, noneById, zeros, chat.notifications.mentionCounts].reduce((n, f) => n + f.mock.calls.length, 0);
  // Only what these loaders ask of a chat.
  return { loaders: createLoaders(chat as unknown as Chat, viewer), asked };
}

const loads: readonly (readonly [string, (loaders: Loaders) => Promise<unknown>])[] = [
  ['channels', ({ channels }) => channels.load('c')],
  ['memberCounts', ({ memberCounts }) => memberCounts.load('c')],
  ['memberIds', ({ memberIds }) => memberIds.load('c')],
  ['heads', ({ heads }) => heads.load('c')],
  ['revs', ({ revs }) => revs.load('c')],
  ['readable', ({ readable }) => readable.load('c')],
  ['viewerMemberships', ({ viewerMemberships }) => viewerMemberships.load('c')],
  ['memberships', ({ memberships }) => memberships.load('m')],
  ['mentions', ({ mentions }) => mentions.load('c')],
  ['notifications', ({ notifications }) => notifications.load('n')],
];

test.each(loads)('%s are asked for once, and again after a mutation', async (_name, load) => {
  const { loaders, asked } = counted();
  await load(loaders);
  await load(loaders);
  expect(asked()).toBe(1);
  loaders.clear();
  await load(loaders);
  expect(asked()).toBe(2);
});

test('a message that was seen stays a floor under the head of its channel', async () => {
  const { loaders } = counted();
  loaders.seen({ channelId: 'c', row: { seq: 7 } } as Parameters<Loaders['seen']>[0]);
  loaders.clear();
  expect(await loaders.heads.load('c')).toBe(7);
});

test('a head is known at once when it was loaded, above its floor, and not after a mutation', async () => {
  const { loaders } = counted();
  loaders.seen({ channelId: 'c', row: { seq: 7 } } as Parameters<Loaders['seen']>[0]);
  expect(loaders.heads.peek('c')).toBeUndefined();
  await loaders.heads.load('c');
  expect(loaders.heads.peek('c')).toBe(7);
  loaders.clear();
  expect(loaders.heads.peek('c')).toBeUndefined();
});
