import { describe, expect, test } from 'vitest';
import type { User } from '../people/port.ts';
import { resolveMentions } from './mentions.ts';

const handles = ['ada', 'ada.', 'grace', 'a-b_c.d', 'x'.repeat(40)];

/** A store that knows these people, and how often it was asked. */
function people() {
  const asked: (readonly string[])[] = [];
  const users = {
    async byHandles(_organizationId: string, names: readonly string[]): Promise<readonly User[]> {
      asked.push(names);
      return handles
        .filter((handle) => names.includes(handle))
        .map((handle) => ({
          id: `id of ${handle}`,
          organizationId: 'o',
          subject: handle,
          handle,
          name: handle,
          avatarUrl: null,
          isBot: false,
          deactivatedAt: null,
        }));
    },
  };
  return { users, asked };
}

async function named(text: string): Promise<string[]> {
  const { users } = people();
  const mentions = await resolveMentions(users, 'o', text);
  return mentions.map((m) => `${m.kind} ${text.slice(m.start, m.start + m.length)} ${m.userId ?? ''}`.trim());
}

describe('mentions', () => {
  test('stand at the start, after white space and after punctuation', async () => {
    expect(await named('@grace hi\n@grace (@grace) —@grace')).toHaveLength(4);
    expect(await named('grace@grace x@grace 1@grace')).toEqual([]);
  });

  test('keep the person and the place in UTF-16 code units', async () => {
    const { users } = people();
    expect(await resolveMentions(users, 'o', '👋 @grace!')).toEqual([
      { kind: 'USER', userId: 'id of grace', start: 3, length: 6 },
    ]);
  });

  test('take the longest handle there is, then leave closing punctuation to the sentence', async () => {
    expect(await named('ask @ada.')).toEqual(['USER @ada. id of ada.']);
    expect(await named('ask @grace...')).toEqual(['USER @grace id of grace']);
    expect(await named('ask @a-b_c.d-')).toEqual(['USER @a-b_c.d id of a-b_c.d']);
  });

  test('name everyone and those who are here, whoever has such a handle', async () => {
    expect(await named('@channel and @here.')).toEqual(['CHANNEL @channel', 'HERE @here']);
  });

  test('are exact about handles: 40 characters, lower case', async () => {
    expect(await named(`@${'x'.repeat(40)}`)).toHaveLength(1);
    expect(await named(`@${'x'.repeat(41)}`)).toEqual([]);
    expect(await named('@Grace @nobody')).toEqual([]);
  });

  test('ask the store once, or not at all', async () => {
    const { users, asked } = people();
    await resolveMentions(users, 'o', 'nobody is named here, not even @channel');
    expect(asked).toEqual([]);
    await resolveMentions(users, 'o', '@ada @grace @ada');
    expect(asked).toHaveLength(1);
  });

  test('stay bounded whatever the text', async () => {
    const { users, asked } = people();
    const many = Array.from({ length: 3_000 }, (_, i) => `@u${i}`).join(' ');
    expect(await resolveMentions(users, 'o', many.slice(0, 16_000))).toEqual([]);
    expect(asked[0]?.length).toBe(50);
    expect(await resolveMentions(users, 'o', '@ada '.repeat(3_000))).toHaveLength(200);
    expect(await resolveMentions(users, 'o', `@${'-'.repeat(15_000)}`)).toEqual([]);
  });
});
