import { expect, test } from 'vitest';
import { makeTenantLoaders } from '../loaders/loaders.ts';
import { someoneOf, whoIs } from '../loaders/who.ts';
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import type { Context } from './context.ts';
import { ViewersOfEvent } from './viewer-context.ts';

const ada: Viewer = {
  tenant: { organizationId: 'acme', slug: 'acme', cell: 'default', epoch: 1 },
  userId: 'ada',
  handle: 'ada',
  isAdmin: false,
  expiresAt: Number.POSITIVE_INFINITY,
};
const caller = { viewer: ada, connectionId: 'c' };
const membership = { id: 'm', userId: 'ada', channelId: 'mine' };
const reaction = (first: readonly string[], count: number) => ({
  channelId: 'mine',
  seq: 1,
  emoji: '👍',
  summary: { count, since: 1, first },
});

function opened() {
  const chat = {
    memberships: { ofViewer: async () => [membership], byIds: async () => [membership] },
    messages: {
      haveReacted: async () => {
        throw new Error('away');
      },
    },
    channels: { readable: async () => new Map() },
    notifications: { byIds: async () => [], mentionCounts: async () => [1] },
  } as unknown as Chat;
  const viewers = new ViewersOfEvent(chat, makeTenantLoaders(chat, whoIs(someoneOf(ada))));
  return { viewers, ...viewers.contextOf(caller) };
}

const looks: readonly [string, (context: Context) => unknown][] = [
  ['who the viewer is', ({ viewer }) => viewer],
  ['over which connection', ({ connectionId }) => connectionId],
  ['what the viewer may read', ({ loaders }) => loaders.readable.load('mine')],
  ['a membership by its id', ({ loaders }) => loaders.memberships.load('m')],
  ['who was mentioned', ({ loaders }) => loaders.mentions.load('mine')],
  ['a notification', ({ loaders }) => loaders.notifications.load('n')],
];

test.each(looks)("%s is nobody else's", async (_, look) => {
  const { value, asked } = opened();
  expect(asked.isOwn).toBe(false);
  await look(value);
  expect(asked.isOwn).toBe(true);
});

test("a membership is asked for as a question: to have one is nobody else's, to have none is alike", async () => {
  const { viewers, value, asked } = opened();
  await value.loaders.viewerMemberships.load('mine');
  await value.loaders.viewerMemberships.load('other');
  expect(asked.isOwn).toBe(false);
  expect(asked.questions.map((question) => viewers.answer(question, caller))).toEqual([null, 'NO_MEMBER']);
});

test('a look at whether a membership is loaded is the same question', () => {
  const { viewers, value, asked } = opened();
  expect(value.loaders.viewerMemberships.peek('mine')).toBeUndefined();
  value.loaders.viewerMemberships.prime('mine', null);
  expect({ isOwn: asked.isOwn, keys: asked.questions.map(({ key }) => key) }).toEqual({
    isOwn: true,
    keys: ['membership/mine'],
  });
  expect(asked.questions.map((question) => viewers.answer(question, caller))).toEqual(['NO_MEMBER']);
});

test('whether one reacted is told by the message at once, and what could not be loaded has no answer', async () => {
  const { viewers, value, asked } = opened();
  const { viewerReacted } = value.loaders;
  expect(viewerReacted.peek(reaction(['ada'], 9))).toBe(true);
  expect(viewerReacted.peek(reaction(['bob'], 1))).toBe(false);
  expect(viewerReacted.peek(reaction(['bob'], 9))).toBeUndefined();
  const answers = () => asked.questions.map((question) => viewers.answer(question, caller));
  expect(answers()).toEqual(['YES', 'NO', undefined]);
  await viewers.ask(asked.questions, [caller]);
  expect({ isOwn: asked.isOwn, answers: answers() }).toEqual({
    isOwn: false,
    answers: ['YES', 'NO', undefined],
  });
});
