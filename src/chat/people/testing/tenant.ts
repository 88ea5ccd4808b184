/** A fresh organization with people in it: every test of a contract suite has its own, on one shared store. */
import { randomUUID } from 'node:crypto';
import type { Organization, OrganizationStore, User, UserStore } from '../port.ts';

export interface PeopleStores {
  readonly organizations: OrganizationStore;
  readonly users: UserStore;
}

export async function freshOrganization(stores: PeopleStores): Promise<Organization> {
  const slug = `t-${randomUUID()}`;
  const made = await stores.organizations.create({ slug, name: 'Test', cell: 'default' });
  if (made === null) throw new Error('a random slug was taken');
  return made;
}

/** @param count people, with handles p-0, p-1, … */
export async function freshTenant(
  stores: PeopleStores,
  count: number,
): Promise<{ organizationId: string; people: readonly User[] }> {
  const { id: organizationId } = await freshOrganization(stores);
  const people: User[] = [];
  for (let i = 0; i < count; i++) {
    people.push(
      await stores.users.provision({
        organizationId,
        subject: `sub-${i}`,
        handle: `p-${i}`,
        name: `Person ${i}`,
      }),
    );
  }
  return { organizationId, people };
}
