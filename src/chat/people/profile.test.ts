/** Profiles: what may stand in one. */
import { expect, test, vi } from 'vitest';
import type { Ports } from '../ports.ts';
import { viewerOf } from '../testing/replica.ts';
import type { User, UserStore } from './port.ts';
import { updateProfile } from './profile.ts';

const viewer = viewerOf('organization', 'ada');

const ada: User = {
  id: 'ada',
  organizationId: 'organization',
  subject: 'ada',
  handle: 'ada',
  name: 'Ada',
  avatarUrl: null,
  isBot: false,
  deactivatedAt: null,
};

/** Returns what reaches the store. */
async function stored(changes: Parameters<typeof updateProfile>[2], answer: User | null = ada) {
  const store = vi.fn<UserStore['updateProfile']>(async () => answer);
  // Nothing else is asked for.
  await updateProfile({ users: { updateProfile: store } } as unknown as Ports, viewer, changes);
  return store.mock.calls;
}

test('changes the viewer’s own, in what is given', async () => {
  const about = { organizationId: 'organization', userId: 'ada' };
  const avatarUrl = 'https://example.org/ada.png?size=64';
  expect(await stored({ name: '  Ada Lovelace ' })).toEqual([[{ ...about, name: 'Ada Lovelace' }]]);
  expect(await stored({ avatarUrl })).toEqual([[{ ...about, avatarUrl }]]);
  expect(await stored({ avatarUrl: null })).toEqual([[{ ...about, avatarUrl: null }]]);
  expect(await stored({ name: 'x'.repeat(80) })).toEqual([[{ ...about, name: 'x'.repeat(80) }]]);
  expect(await stored({})).toEqual([[about]]);
});

test('an address is kept as browsers write it', async () => {
  const [[kept] = []] = await stored({ avatarUrl: 'HTTP://Example.org:80/Ä b.png' });
  expect(kept).toMatchObject({ avatarUrl: 'http://example.org/%C3%84%20b.png' });
});

test.each([
  ['empty', { name: ' ' }],
  ['too long', { name: 'x'.repeat(81) }],
  ['of two lines', { name: 'a\nb' }],
  ['half a character', { name: 'a\ud800' }],
  ['with a NUL', { name: 'a\0b' }],
  ['no address', { avatarUrl: 'ada.png' }],
  ['an empty address', { avatarUrl: '' }],
  ['a script', { avatarUrl: 'javascript:alert(1)' }],
  ['a picture in the address itself', { avatarUrl: 'data:image/png;base64,AAAA' }],
  ['a file', { avatarUrl: 'file:///etc/passwd' }],
  ['an address with a password', { avatarUrl: 'https://ada:secret@example.org/a.png' }],
  ['an address that is too long', { avatarUrl: `https://example.org/${'a'.repeat(2_048)}` }],
  ['one good and one bad', { name: 'Ada', avatarUrl: 'x' }],
])('refuses a profile that is %s, and changes nothing', async (_, changes) => {
  const store = vi.fn(async () => ada);
  const updating = updateProfile({ users: { updateProfile: store } } as unknown as Ports, viewer, changes);
  await expect(updating).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  expect(store).not.toHaveBeenCalled();
});

test('there is none of somebody who is gone', async () => {
  await expect(stored({ name: 'Ada' }, null)).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
