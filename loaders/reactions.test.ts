import { expect, test, vi } from 'vitest';
import type { Chat } from '../src/chat/chat.ts';
import { unavailable } from '../src/chat/errors.ts';
import type { Reaction } from '../src/chat/messages/reaction.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { reactedLoader, reactorsLoader } from './reactions.ts';

const ada: Viewer = {
  tenant: { organizationId: 'acme', slug: 'acme', cell: 'default', epoch: 1 },
  userId: 'ada',
  handle: 'ada',
  isAdmin: false,
  expiresAt: Number.POSITIVE_INFINITY,
};

const reaction = (seq: number, count: number, first: readonly string[]): Reaction => ({
  channelId: 'c',
  seq,
  emoji: '👍',
  summary: { count, since: 1, first },
});
const few = reaction(1, 2, ['bob', 'ada']);
const others = reaction(2, 1, ['bob']);
const many = reaction(3, 9, ['a', 'b', 'c', 'd', 'e']);
const manyMore = reaction(4, 70_000, ['a', 'b', 'c', 'd', 'ada']);

function domain() {
  const haveReacted = vi.fn(async (_: Viewer, refs: readonly unknown[]) => refs.map(() => true));
  const reactors = vi.fn(async (_: Viewer, refs: readonly unknown[], first: number) =>
    refs.map(() => Array.from({ length: first }, (__, i) => `person-${i}`)),
  );
  const chat = { messages: { haveReacted, reactors } } as unknown as Chat;
  const reacted = reactedLoader(chat);
  return {
    haveReacted,
    reactors,
    reactedBy: (viewer: Viewer, one: Reaction) => reacted.load({ viewer, reaction: one }),
    reacted: { load: (one: Reaction) => reacted.load({ viewer: ada, reaction: one }) },
    people: reactorsLoader(chat, () => ada),
  };
}

test('whether the viewer reacted is asked only where the message does not tell, all at once', async () => {
  const { haveReacted, reacted } = domain();
  expect(await Promise.all([few, others, many, manyMore].map((one) => reacted.load(one)))).toEqual([
    true,
    false,
    true,
    true,
  ]);
  expect(haveReacted.mock.calls).toMatchObject([[ada, [{ ...many, userId: 'ada' }]]]);
});

test('several viewers of one message are asked about in one store call, and each is answered for', async () => {
  const { haveReacted, reactedBy } = domain();
  haveReacted.mockImplementation(async (_, refs) =>
    refs.map((ref) => (ref as { userId: string }).userId === 'eve'),
  );
  const asked = ['bob', 'ada', 'eve'].map((userId) => ({ ...ada, userId }));
  const found = await Promise.all(asked.flatMap((who) => [reactedBy(who, few), reactedBy(who, many)]));
  expect(found).toEqual([true, false, true, false, false, true]);
  expect(haveReacted.mock.calls).toMatchObject([
    [{}, ['bob', 'ada', 'eve'].map((userId) => ({ ...many, userId }))],
  ]);
});

test('people are asked for only beyond those whom the message tells, once for each number', async () => {
  const { reactors, people } = domain();
  const load = (one: Reaction, first: number) => people.load({ reaction: one, first });
  const found = await Promise.all([
    load(few, 200),
    load(many, 3),
    load(many, 7),
    load(manyMore, 7),
    load(many, 8),
  ]);
  expect(found.map((ids) => ids.length)).toEqual([2, 3, 7, 7, 8]);
  expect(found[1]).toEqual(['a', 'b', 'c']);
  expect(reactors.mock.calls.map(([, refs, first]) => [refs.length, first])).toEqual([
    [2, 7],
    [1, 8],
  ]);
});

test('what the message tells is told while the store is away', async () => {
  const { haveReacted, reactors, reacted, people } = domain();
  haveReacted.mockRejectedValue(unavailable('message store'));
  reactors.mockRejectedValue(unavailable('message store'));
  const told = await Promise.allSettled([
    reacted.load(few),
    reacted.load(many),
    people.load({ reaction: few, first: 9 }),
    people.load({ reaction: many, first: 9 }),
  ]);
  expect(told.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected']);
  expect(told[3]).toMatchObject({ reason: { code: 'UNAVAILABLE' } });
});

test('one request names at most 50,000 people', async () => {
  const { reactors, people } = domain();
  const crowd = Array.from({ length: 251 }, (_, i) => reaction(i, 200, ['a']));
  const loads = (count: number) =>
    Promise.all(crowd.slice(0, count).map((one) => people.load({ reaction: one, first: 200 })));
  await expect(loads(251)).rejects.toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  expect(reactors).not.toHaveBeenCalled();
  people.clearAll();
  expect(await loads(250)).toHaveLength(250);
});
