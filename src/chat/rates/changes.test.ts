import { expect, test } from 'vitest';
import { rateLimited } from '../errors.ts';
import { viewerOf } from '../testing/replica.ts';
import { type Changing, limitChanges } from './changes.ts';

const names = {
  people: ['updateProfile'],
  channels: [
    'create',
    'openDirectMessage',
    'openThread',
    'update',
    'archive',
    'unarchive',
    'join',
    'leave',
    'addMember',
    'updateMemberRole',
    'removeMember',
  ],
  memberships: ['updateSettings'],
  messages: ['edit', 'delete', 'react', 'setPinned'],
};

/** Use cases that answer with their own name and what they were given. */
const echo = (of: string, more: readonly string[]) =>
  Object.fromEntries(
    [...(names[of as keyof typeof names] ?? []), ...more].map((name) => [
      name,
      async (...given: readonly unknown[]) => [name, ...given],
    ]),
  );
const all: unknown = {
  people: echo('people', ['byIds']),
  channels: echo('channels', ['readable']),
  memberships: echo('memberships', ['markRead']),
  messages: echo('messages', ['send', 'page']),
};
type Echoes = Record<string, Record<string, (...given: unknown[]) => Promise<unknown>>>;

test('each change is counted, refused before it begins, and given on as it is; nothing else is counted', async () => {
  const counted: string[] = [];
  let isFull = false;
  const change = ({ userId }: { readonly userId: string }) => {
    if (isFull) throw rateLimited('too much', 1);
    counted.push(userId);
  };
  // Each field is a function of a viewer, which is all that is asked of it here.
  const limited = limitChanges(all as Changing, { change }) as unknown as Echoes;
  const ada = viewerOf('o', 'ada');
  const run = async (is: 'free' | 'full') => {
    isFull = is === 'full';
    const refused: string[] = [];
    for (const useCases of Object.values(limited)) {
      for (const [name, useCase] of Object.entries(useCases)) {
        const answer = await useCase(ada, 'x', 2).catch((error: unknown) => {
          expect(error).toMatchObject({ code: 'RATE_LIMITED' });
          refused.push(name);
        });
        if (!refused.includes(name)) expect(answer).toEqual([name, ada, 'x', 2]);
      }
    }
    return refused;
  };
  expect(await run('free')).toEqual([]);
  expect(counted).toHaveLength(Object.values(names).flat().length);
  expect((await run('full')).toSorted()).toEqual(Object.values(names).flat().toSorted());
});
