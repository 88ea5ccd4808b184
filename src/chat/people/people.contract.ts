/** What every adapter of OrganizationStore and UserStore keeps. Call within a describe. */
import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { User } from './port.ts';
import { expectList } from './testing/pages.ts';
import { freshOrganization, freshTenant, type PeopleStores } from './testing/tenant.ts';

const handles = (users: readonly User[]): readonly string[] => users.map((user) => user.handle).sort();

export function organizationStoreContract(stores: () => PeopleStores): void {
  describe('organizations', () => {
    test('one is made, and found by slug and id with the epoch of its cell', async () => {
      const { organizations } = stores();
      const slug = `t-${randomUUID()}`;
      const made = await organizations.create({ slug, name: 'Ärzte “Q”', cell: 'default' });
      expect(made).toMatchObject({ slug, name: 'Ärzte “Q”', cell: 'default', epoch: 1 });
      expect(await organizations.bySlug(slug)).toEqual(made);
      expect(await organizations.byIds([made?.id ?? '', randomUUID(), 'no-uuid', "'; drop"])).toEqual([made]);
      expect(await organizations.list()).toContainEqual({ ...made, people: 0 });
    });

    test('a cell that is new gets its first epoch', async () => {
      const cell = `cell-${randomUUID()}`;
      const [one, two] = await Promise.all(
        ['a', 'b'].map((name) => stores().organizations.create({ slug: `t-${randomUUID()}`, name, cell })),
      );
      expect(one).toMatchObject({ cell, epoch: 1 });
      expect(two).toMatchObject({ cell, epoch: 1 });
    });

    test('a slug is given once, also when raced; nobody has it: null', async () => {
      const { organizations } = stores();
      const slug = `t-${randomUUID()}`;
      const tries = await Promise.all(
        Array.from({ length: 10 }, (_, i) => organizations.create({ slug, name: `${i}`, cell: 'default' })),
      );
      const [winner, ...more] = tries.filter((one) => one !== null);
      expect(more).toEqual([]);
      expect(await organizations.bySlug(slug)).toEqual(winner);
      expect(await organizations.bySlug(`${slug}x`)).toBeNull();
      expect(await organizations.byIds([])).toEqual([]);
    });

    test('are listed by slug', async () => {
      await freshOrganization(stores());
      await freshOrganization(stores());
      const slugs = (await stores().organizations.list()).map((one) => one.slug);
      expect(slugs).toEqual([...slugs].sort());
    });
  });
}

export function userStoreContract(stores: () => PeopleStores): void {
  describe('users', () => {
    test('a person is made at the first call and stays as they were made', async () => {
      const { users } = stores();
      const { organizationId } = await freshTenant(stores(), 0);
      expect(await users.bySubject(organizationId, 's|1')).toBeNull();
      const input = { organizationId, subject: 's|1', handle: 'ada', name: 'Ada', isBot: true };
      const made = await users.provision({ ...input, avatarUrl: 'https://example.org/a.png' });
      expect(made).toMatchObject({ ...input, avatarUrl: 'https://example.org/a.png', deactivatedAt: null });
      expect(await users.provision({ ...input, handle: 'other', name: 'Other' })).toEqual(made);
      expect(await users.bySubject(organizationId, 's|1')).toEqual(made);
      const plain = await users.provision({ organizationId, subject: 's|2', handle: 'bob', name: '' });
      expect(plain).toMatchObject({ avatarUrl: null, isBot: false });
    });

    test('50 first calls of one person at once make one user', async () => {
      const { organizationId } = await freshTenant(stores(), 0);
      const input = { organizationId, subject: 'same', handle: 'ada', name: 'Ada' };
      const all = await Promise.all(Array.from({ length: 50 }, () => stores().users.provision(input)));
      expect(new Set(all.map((one) => one.id)).size).toBe(1);
      expect(handles(all.slice(0, 1))).toEqual(['ada']);
    });

    test('50 people at once who want one handle get the smallest free numbers', async () => {
      const { organizationId } = await freshTenant(stores(), 0);
      const { users } = stores();
      await users.provision({ organizationId, subject: 'holder', handle: 'ada-7', name: 'Ada' });
      const all = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          users.provision({ organizationId, subject: `s-${i}`, handle: 'ada', name: 'Ada' }),
        ),
      );
      const numbers = Array.from({ length: 51 }, (_, i) => i + 1).filter((n) => n !== 7);
      expect(handles(all)).toEqual(numbers.map((n) => (n === 1 ? 'ada' : `ada-${n}`)).sort());
    });

    test('a long handle is cut so that its number fits into 40', async () => {
      const { organizationId } = await freshTenant(stores(), 0);
      const handle = 'x'.repeat(40);
      const names: string[] = [];
      for (let i = 0; i < 11; i++) {
        const made = await stores().users.provision({ organizationId, subject: `${i}`, handle, name: '' });
        names.push(made.handle);
      }
      expect(names[0]).toBe(handle);
      expect(names[1]).toBe(`${'x'.repeat(38)}-2`);
      expect(names[10]).toBe(`${'x'.repeat(37)}-11`);
    });

    test('an organization that does not exist has nobody, and nobody can be added to it', async () => {
      const { users } = stores();
      for (const organizationId of [randomUUID(), 'no-uuid', '']) {
        const input = { organizationId, subject: 's', handle: 'ada', name: 'Ada' };
        await expect(users.provision(input)).rejects.toMatchObject({ code: 'NOT_FOUND' });
        expect(await users.bySubject(organizationId, 's')).toBeNull();
        expect(await users.byIds(organizationId, [randomUUID()])).toEqual([]);
        expect(await users.byHandles(organizationId, ['ada'])).toEqual([]);
        expect(await users.deactivate(organizationId, 'ada')).toBeNull();
        expect((await users.page(organizationId, { limit: 5, backward: false })).items).toEqual([]);
      }
    });

    test('tenants never meet: by id, handle, subject, page, deactivation', async () => {
      const { users } = stores();
      const [one, two] = [await freshTenant(stores(), 2), await freshTenant(stores(), 3)];
      const foreign = two.people.map((user) => user.id);
      const own = one.people.map((user) => user.id);
      const found = await users.byIds(one.organizationId, [...foreign, ...own, ...own, 'x', '']);
      expect(found.map((user) => user.id).sort()).toEqual([...own].sort());
      expect(handles(await users.byHandles(one.organizationId, ['p-0', 'p-2', 'P-0', "{'"]))).toEqual([
        'p-0',
      ]);
      expect((await users.bySubject(one.organizationId, 'sub-0'))?.id).toBe(own[0]);
      await expectList(
        (page) => users.page(one.organizationId, page),
        (user) => user.id,
        own,
      );
      expect(await users.deactivate(one.organizationId, 'p-2')).toBeNull();
      const [untouched] = await users.byIds(two.organizationId, [foreign[2] ?? '']);
      expect(untouched?.deactivatedAt).toBeNull();
    });

    test('a profile changes in what is given; lists and searches follow the name', async () => {
      const { organizationId, people } = await freshTenant(stores(), 2);
      const [ada, other] = people;
      if (ada === undefined) throw new Error('two people');
      const { users } = stores();
      const about = { organizationId, userId: ada.id };
      const named = await users.updateProfile({ ...about, name: 'Ärztin Q' });
      expect(named).toEqual({ ...ada, name: 'Ärztin Q' });
      const avatarUrl = 'https://example.org/a.png';
      expect(await users.updateProfile({ ...about, avatarUrl })).toEqual({ ...named, avatarUrl });
      expect(await users.updateProfile(about)).toEqual({ ...named, avatarUrl });
      expect(await users.updateProfile({ ...about, name: 'Aa', avatarUrl: null })).toEqual({
        ...ada,
        name: 'Aa',
      });
      await users.updateProfile({ ...about, name: 'Ärztin Q' });
      const found = await users.page(organizationId, { limit: 5, backward: false, search: 'arztin' });
      expect(found.items.map(({ node }) => node.id)).toEqual([ada.id]);
      // A later token of theirs, which says another name, leaves it.
      const { subject, handle } = ada;
      const again = await users.provision({ organizationId, subject, handle, name: 'Token' });
      expect(again).toEqual({ ...ada, name: 'Ärztin Q' });
      expect(await users.byIds(organizationId, [other?.id ?? ''])).toEqual([other]);
    });

    test('there is no profile of nobody, nor of somebody in another organization', async () => {
      const { organizationId, people } = await freshTenant(stores(), 1);
      const foreign = await freshTenant(stores(), 1);
      const { users } = stores();
      for (const userId of [foreign.people[0]?.id ?? '', randomUUID(), 'no-uuid']) {
        expect(await users.updateProfile({ organizationId, userId, name: 'Mine' })).toBeNull();
      }
      const userId = people[0]?.id ?? '';
      expect(await users.updateProfile({ organizationId: 'no-uuid', userId, name: 'Mine' })).toBeNull();
      expect(await users.byIds(organizationId, [userId])).toEqual(people);
    });

    test('deactivating keeps the first time', async () => {
      const { organizationId } = await freshTenant(stores(), 1);
      const first = await stores().users.deactivate(organizationId, 'p-0');
      expect(first?.deactivatedAt).toBeInstanceOf(Date);
      expect(await stores().users.deactivate(organizationId, 'p-0')).toEqual(first);
      expect(await stores().users.bySubject(organizationId, 'sub-0')).toEqual(first);
    });

    test('an organization counts its people, without those who were shut out', async () => {
      const { organizations, users } = stores();
      const { organizationId } = await freshTenant(stores(), 3);
      await users.deactivate(organizationId, 'p-1');
      const listed = (await organizations.list()).find(({ id }) => id === organizationId);
      expect(listed?.people).toBe(2);
    });

    test('text that cannot be stored is refused as bad input', async () => {
      const { organizationId } = await freshTenant(stores(), 1);
      const bad = (call: Promise<unknown>) => expect(call).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
      await bad(stores().users.bySubject(organizationId, 'a\0b'));
      await bad(stores().users.byHandles(organizationId, ['a\0b']));
      await bad(stores().users.page(organizationId, { limit: 1, backward: false, search: 'a\0b' }));
      await bad(stores().organizations.bySlug('\0'));
      const long = Array.from({ length: 3_000 }, () => randomUUID()).join('');
      await bad(stores().users.provision({ organizationId, subject: long, handle: 'ada', name: 'Ada' }));
    });
  });

  describe('pages of users', () => {
    const names = [
      'zoe',
      'Adam',
      'Élodie',
      'eve',
      'Ödön',
      'adam',
      'Ada-Maria',
      '',
      '🦊',
      'Ægir',
      '李',
      'Zoe',
    ];

    async function people(): Promise<{ organizationId: string; all: readonly User[] }> {
      const { organizationId } = await freshTenant(stores(), 0);
      const all: User[] = [];
      for (const [i, name] of names.entries()) {
        all.push(await stores().users.provision({ organizationId, subject: `${i}`, handle: `h${i}`, name }));
      }
      return { organizationId, all };
    }

    test('by name without regard to case and accents, then by id; forward and backward alike', async () => {
      const { organizationId, all } = await people();
      const wanted = [
        '',
        'Ada-Maria',
        'Adam',
        'adam',
        'Élodie',
        'eve',
        'Ödön',
        'zoe',
        'Zoe',
        'Ægir',
        '李',
        '🦊',
      ];
      // Ids grow with time, so equal names are in the order of making.
      const ids = wanted.map((name) => all.find((user) => user.name === name)?.id ?? '');
      await expectList(
        (page) => stores().users.page(organizationId, page),
        (user) => user.id,
        ids,
      );
    });

    test('a key names a place: it works on when its row has been left out, and an empty page knows its sides', async () => {
      const { organizationId } = await people();
      const { users } = stores();
      const all = await users.page(organizationId, { limit: 50, backward: false });
      const last = all.items.at(-1)?.key ?? '';
      const first = all.items[0]?.key ?? '';
      const beyond = await users.page(organizationId, { limit: 5, backward: false, after: last });
      expect(beyond).toEqual({ items: [], hasNext: false, hasPrevious: true });
      const ahead = await users.page(organizationId, { limit: 5, backward: true, before: first });
      expect(ahead).toEqual({ items: [], hasNext: true, hasPrevious: false });
      const none = await users.page(organizationId, { limit: 0, backward: false });
      expect(none).toEqual({ items: [], hasNext: true, hasPrevious: false });
      const elodie = await users.page(organizationId, {
        limit: 5,
        backward: false,
        after: last,
        search: 'elodie',
      });
      expect(elodie).toEqual({ items: [], hasNext: false, hasPrevious: true });
    });

    test('search: the beginning of the handle or of any word, whatever the case and accents', async () => {
      const { organizationId } = await freshTenant(stores(), 0);
      const { users } = stores();
      const add = (handle: string, name: string) =>
        users.provision({ organizationId, subject: handle, handle, name });
      await add('ada', 'Ada King, Countess of Lovelace');
      await add('g_h', 'Amazing Grace');
      await add('gxh', 'Imogen Holst');
      await add('pct', '100% Élan');
      await add('marie', 'Anne-Marie (Õx)');
      const find = async (search: string) => {
        const page = await users.page(organizationId, { limit: 50, backward: false, search });
        return page.items.map((item) => item.node.handle);
      };
      expect(await find('LOVE')).toEqual(['ada']);
      expect(await find('king count')).toEqual(['ada']);
      expect(await find('ovelace')).toEqual([]);
      expect(await find('g')).toEqual(['g_h', 'gxh']);
      expect(await find('g_')).toEqual(['g_h']);
      expect(await find('%')).toEqual([]);
      expect(await find('\\')).toEqual([]);
      expect(await find("'; --")).toEqual([]);
      expect(await find('elan')).toEqual(['pct']);
      expect(await find('Ê')).toEqual(['pct']);
      expect(await find('marie')).toEqual(['marie']);
      expect(await find('(õx')).toEqual(['marie']);
      expect(await find('@ada')).toEqual(['ada']);
      expect(await find('  ')).toHaveLength(5);
      await expectList(
        (page) => users.page(organizationId, { ...page, search: 'g' }),
        (user) => user.handle,
        ['g_h', 'gxh'],
      );
    });

    test('a key that is none of its own is bad input', async () => {
      const { organizationId } = await people();
      const [item] = (await stores().users.page(organizationId, { limit: 1, backward: false })).items;
      const key = item?.key ?? '';
      const forged = (text: string) => Buffer.from(text).toString('base64url');
      const own = Buffer.from(key, 'base64url').toString();
      const bad = [
        '',
        'x',
        `${key}=`,
        `${key}AA`,
        key.slice(1),
        forged(`c1${own.slice(2)}`),
        forged('u1.no-uuid.a'),
        forged(`u1.${randomUUID()}.a\0b`),
        forged(`u1.${randomUUID()}`),
        'é'.repeat(10),
        'A'.repeat(5_000),
      ];
      for (const text of bad) {
        for (const bound of [{ after: text }, { before: text }]) {
          const call = stores().users.page(organizationId, { limit: 1, backward: false, ...bound });
          await expect(call, text).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
        }
      }
    });
  });
}
