/** What people say of themselves, and who is an admin of a channel. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeId } from '../resolvers/global-id.ts';
import { uuidv7 } from '../src/chat/ids.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { newChannel, userId } from './testing/acts.ts';
import { openCast } from './testing/cast.ts';
import { mutationsOn } from './testing/mutations.ts';
import type { World } from './testing/world.ts';

let world: World;
let ada: Viewer;
let grace: Viewer;
let alan: Viewer;
let boss: Viewer;
let mallory: Viewer;

beforeAll(async () => {
  ({ world, ada, grace, alan, boss, mallory } = await openCast());
});

afterAll(() => world.close());

const { updateProfile, updateRole, join, update, announced } = mutationsOn(() => world);

describe('updateProfile', () => {
  test('changes what is given, of the viewer alone; the handle stays', async () => {
    const { data, errors } = await updateProfile(ada, {
      name: '  Ada Lovelace ',
      avatarUrl: 'https://example.org/ada.png',
    });
    expect(errors).toEqual([]);
    expect(data.updateProfile.user).toMatchObject({
      handle: 'ada',
      name: 'Ada Lovelace',
      avatarUrl: 'https://example.org/ada.png',
    });
    expect((await updateProfile(ada, {})).data.updateProfile.user).toEqual(data.updateProfile.user);
    expect((await updateProfile(ada, { name: null })).data.updateProfile.user.name).toBe('Ada Lovelace');
    const without = await updateProfile(ada, { avatarUrl: null });
    expect(without.data.updateProfile.user).toMatchObject({ name: 'Ada Lovelace', avatarUrl: null });
    const { data: seen } = await world.run(grace, '{ user(handle: "ada") { name avatarUrl } }');
    expect(seen.user).toEqual({ name: 'Ada Lovelace', avatarUrl: null });
  });

  test.each<[string, object]>([
    ['an empty name', { name: '  ' }],
    ['a name over 80 units', { name: 'x'.repeat(81) }],
    ['a name of two lines', { name: 'a\nb' }],
    ['a picture by no address', { avatarUrl: 'ada.png' }],
    ['a picture that is a script', { avatarUrl: 'javascript:alert(1)' }],
    ['a picture with a password in its address', { avatarUrl: 'https://ada:secret@example.org/a.png' }],
    ['an endless address', { avatarUrl: `https://example.org/${'a'.repeat(3_000)}` }],
  ])('refuses %s', async (_, wrong) => {
    expect((await updateProfile(grace, wrong)).codes).toEqual(['BAD_USER_INPUT']);
    const { data } = await world.run(ada, '{ user(handle: "grace") { name avatarUrl } }');
    expect(data.user).toEqual({ name: 'Grace', avatarUrl: null });
  });
});

describe('updateMemberRole', () => {
  test('makes admins and takes it back, by admins; the last one stays', async () => {
    const channelId = await newChannel(world, ada);
    await join(grace, { channelId });
    const [a, g, l] = await Promise.all([ada, grace, alan].map((viewer) => userId(world, viewer)));
    expect((await updateRole(grace, { channelId, userId: g, role: 'ADMIN' })).codes).toEqual(['FORBIDDEN']);
    expect((await updateRole(ada, { channelId, userId: a, role: 'MEMBER' })).codes).toEqual(['FORBIDDEN']);
    const { data } = await updateRole(ada, { channelId, userId: g, role: 'ADMIN' });
    expect(data.updateMemberRole.member).toMatchObject({ role: 'ADMIN', user: { handle: 'grace' } });
    expect((await update(grace, { channelId, topic: 'mine too' })).codes).toEqual([]);
    expect((await updateRole(grace, { channelId, userId: a, role: 'MEMBER' })).codes).toEqual([]);
    expect((await update(ada, { channelId, topic: 'no more' })).codes).toEqual(['FORBIDDEN']);
    expect((await updateRole(boss, { channelId, userId: a, role: 'ADMIN' })).codes).toEqual([]);
    expect((await updateRole(ada, { channelId, userId: l, role: 'ADMIN' })).codes).toEqual(['NOT_FOUND']);
    expect((await announced(ada, channelId)).map(({ kind }) => kind)).toContain('CHANNEL_UPDATED');
  });

  test('refuses strangers, foreign people, other ids and roles that are none', async () => {
    const channelId = await newChannel(world, ada);
    const [a, m] = [await userId(world, ada), await userId(world, mallory)];
    const role = 'ADMIN';
    expect((await updateRole(mallory, { channelId, userId: m, role })).codes).toEqual(['NOT_FOUND']);
    expect((await updateRole(ada, { channelId, userId: m, role })).codes).toEqual(['NOT_FOUND']);
    const nobody = encodeId('User', uuidv7(1));
    expect((await updateRole(ada, { channelId, userId: nobody, role })).codes).toEqual(['NOT_FOUND']);
    expect((await updateRole(ada, { channelId, userId: channelId, role })).codes).toEqual(['BAD_USER_INPUT']);
    expect((await updateRole(ada, { channelId, userId: a, role: 'KING' })).codes).toEqual(['BAD_USER_INPUT']);
  });
});
