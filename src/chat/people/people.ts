/** Who is in the viewer's organization. Nothing here ever looks beyond it. */
import { notFound } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import type { KeysetPage, KeysetSlice, Organization, User } from './port.ts';
import { type ProfileChanges, updateProfile } from './profile.ts';

export interface People {
  /** Those of the ids that are of the viewer's organization. */
  byIds(viewer: Viewer, ids: readonly string[]): Promise<readonly User[]>;
  byHandle(viewer: Viewer, handle: string): Promise<User | null>;
  page(viewer: Viewer, page: KeysetPage & { search?: string }): Promise<KeysetSlice<User>>;
  organization(viewer: Viewer): Promise<Organization>;
  /** Of the viewer's own. */
  updateProfile(viewer: Viewer, changes: ProfileChanges): Promise<User>;
}

export function createPeople(ports: Ports): People {
  return {
    byIds: (viewer, ids) => ports.users.byIds(viewer.tenant.organizationId, ids),
    async byHandle(viewer, handle) {
      const [user] = await ports.users.byHandles(viewer.tenant.organizationId, [handle]);
      return user ?? null;
    },
    page: (viewer, page) => ports.users.page(viewer.tenant.organizationId, page),
    async organization(viewer) {
      const [organization] = await ports.organizations.byIds([viewer.tenant.organizationId]);
      if (organization === undefined) throw notFound('The organization');
      return organization;
    },
    updateProfile: (viewer, changes) => updateProfile(ports, viewer, changes),
  };
}

/** The users of these ids, all of them. Throws NOT_FOUND alike for one that is foreign and one that is nobody. */
export async function requireUsers(
  ports: Ports,
  viewer: Viewer,
  ids: readonly string[],
): Promise<readonly User[]> {
  if (ids.length === 0) return [];
  const users = await ports.users.byIds(viewer.tenant.organizationId, ids);
  if (users.length !== new Set(ids).size) throw notFound('The user');
  return users;
}
