import { beforeEach, expect, test } from 'vitest';
import { unauthenticated, unavailable } from '../chat/errors.ts';
import type { Organization, OrganizationStore, User, UserStore } from '../chat/people/port.ts';
import type { Claims } from './claims.ts';
import { createViewers, type RememberedViewers } from './viewers.ts';

let now = 0;
const clock = { now: () => now };
let isDown = false;
let signatures = 0;
let areKeysAway = false;
let isKeyGone = false;
let made: Organization[] = [];
let known: User[] = [];
const answer = <T>(value: T): Promise<T> =>
  isDown ? Promise.reject(unavailable('database')) : Promise.resolve(value);
const absent = () => Promise.reject(new Error('not asked for here'));

const organizations: OrganizationStore = {
  bySlug: (slug) => answer(made.find((o) => o.slug === slug) ?? null),
  create: async (input) => {
    const organization = { id: `o-${input.slug}`, epoch: 1, ...input };
    made.push(organization);
    return answer(organization);
  },
  byIds: absent,
  list: absent,
};
const users: UserStore = {
  bySubject: (organizationId, subject) =>
    answer(known.find((u) => u.organizationId === organizationId && u.subject === subject) ?? null),
  provision: async (input) => {
    const user = {
      id: `u-${input.subject}`,
      avatarUrl: null,
      isBot: false,
      deactivatedAt: null,
      ...input,
    };
    known.push(user);
    return answer(user);
  },
  byIds: absent,
  byHandles: absent,
  page: absent,
  updateProfile: absent,
  deactivate: absent,
};

/** Tokens of these tests are `organization/subject[/admin]`; one that begins with `-` is bad. */
const verify = async (token: string): Promise<Claims> => {
  signatures += 1;
  if (areKeysAway) throw unavailable('identity provider');
  if (isKeyGone) throw unauthenticated('no such key');
  if (token.startsWith('-')) throw unauthenticated('bad');
  const [organization = '', subject = '', role] = token.split('/');
  return {
    subject,
    organization,
    handle: subject,
    name: subject,
    isAdmin: role === 'admin',
    expiresAt: 2_000_000,
    acceptedUntil: 2_000_000,
  };
};
const asked = (viewers: RememberedViewers) => ({
  of: async (token: string) => viewers.of(token),
  atOnce: (token: string) => viewers.of(token),
  shutOut: viewers.shutOut,
});
const viewersOf = (mode: 'dev' | 'jwt') =>
  asked(createViewers({ verify, organizations, users, mode, clock }));

beforeEach(() => {
  now = 1_000_000;
  isDown = false;
  signatures = 0;
  areKeysAway = false;
  isKeyGone = false;
  made = [{ id: 'o-acme', slug: 'acme', name: 'Acme', cell: 'default', epoch: 3 }];
  known = [];
});

test('the first token of a person makes the user; the next finds it', async () => {
  const viewers = viewersOf('jwt');
  expect(await viewers.of('acme/ada')).toEqual({
    tenant: { organizationId: 'o-acme', slug: 'acme', cell: 'default', epoch: 3 },
    userId: 'u-ada',
    handle: 'ada',
    isAdmin: false,
    expiresAt: 2_000_000,
  });
  now += 10_000;
  await viewers.of('acme/ada');
  expect(known).toHaveLength(1);
});

test('an unknown organization is refused in jwt mode and made in dev mode', async () => {
  await expect(viewersOf('jwt').of('new/ada')).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(made).toHaveLength(1);
  await expect(viewersOf('dev').of('new/ada')).resolves.toMatchObject({ tenant: { slug: 'new' } });
});

test('the admin role counts in jwt mode only', async () => {
  await expect(viewersOf('jwt').of('acme/ada/admin')).resolves.toMatchObject({ isAdmin: true });
  await expect(viewersOf('dev').of('acme/ada/admin')).resolves.toMatchObject({ isAdmin: false });
});

test('whoever is deactivated is out a second later', async () => {
  const viewers = viewersOf('jwt');
  await viewers.of('acme/ada');
  known = known.map((user) => ({ ...user, deactivatedAt: new Date(now) }));
  now += 1_000;
  await expect(viewers.of('acme/ada')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('whoever is shut out is refused at once: remembered, on its way, or with the database down', async () => {
  const viewers = viewersOf('jwt');
  const ada = await viewers.of('acme/ada');
  const who = { organizationId: ada.tenant.organizationId, userId: ada.userId };
  await viewers.of('acme/grace');
  // Asked again, and answered from before.
  now += 1_000;
  const onItsWay = viewers.of('acme/ada');
  viewers.shutOut(who);
  await expect(onItsWay).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(viewers.of('acme/ada')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  isDown = true;
  now += 2_000;
  await expect(viewers.of('acme/ada')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(viewers.of('acme/grace')).resolves.toMatchObject({ userId: 'u-grace' });
});

test('a remembered token ends at its time all the same', async () => {
  const viewers = viewersOf('jwt');
  await viewers.of('acme/ada');
  now = 2_000_000;
  await expect(viewers.of('acme/ada')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});

test('with the database down, whoever is known stays signed in, a bad token stays bad, a stranger is told why', async () => {
  const viewers = viewersOf('jwt');
  await viewers.of('acme/ada');
  isDown = true;
  now += 60_000;
  await expect(viewers.of('acme/ada')).resolves.toMatchObject({ userId: 'u-ada' });
  await expect(viewers.of('-')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await expect(viewers.of('acme/grace')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  now += 5 * 60_000;
  await expect(viewers.of('acme/ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('a database that hangs does not take the whole time of a request', async () => {
  const hanging = { ...organizations, bySlug: () => new Promise<null>(() => undefined) };
  const viewers = asked(
    createViewers({ verify, organizations: hanging, users, mode: 'jwt', clock, limitMs: 20 }),
  );
  await expect(viewers.of('acme/ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test('whoever was looked up within a second is there without a promise, and refused without one', async () => {
  const viewers = viewersOf('jwt');
  const ada = await viewers.of('acme/ada');
  expect(viewers.atOnce('acme/ada')).toEqual(ada);
  now += 1_000;
  expect(viewers.atOnce('acme/ada')).toBeInstanceOf(Promise);
  await viewers.of('acme/ada');
  viewers.shutOut({ organizationId: ada.tenant.organizationId, userId: ada.userId });
  expect(() => viewers.atOnce('acme/ada')).toThrow(/shut out/);
  now = 1_999_500;
  await viewers.of('acme/grace');
  now = 2_000_000;
  expect(() => viewers.atOnce('acme/grace')).toThrow(/expired/);
});

test('a signature is checked once in ten minutes: a key that was taken back ends its tokens, one that cannot be had none', async () => {
  const viewers = viewersOf('jwt');
  for (let i = 0; i < 100; i += 1) {
    await viewers.of('acme/ada');
    now += 5_990;
  }
  expect(signatures).toBe(1);
  now += 1_000;
  areKeysAway = true;
  await expect(viewers.of('acme/ada')).resolves.toMatchObject({ userId: 'u-ada' });
  await expect(viewers.of('acme/grace')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  areKeysAway = false;
  isKeyGone = true;
  now += 1_000;
  await expect(viewers.of('acme/ada')).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
});
