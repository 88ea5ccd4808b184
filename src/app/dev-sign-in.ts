/** Tokens of dev mode: for whoever has the handle, or for a new person of that name. */
import { signDevToken } from '../auth/sign.ts';
import type { Clock } from '../chat/clock.ts';
import type { OrganizationStore, UserStore } from '../chat/people/port.ts';
import type { DevSignIn } from '../http/dev-sign-in.ts';

export function devSignIn(
  key: Uint8Array,
  stores: { readonly organizations: OrganizationStore; readonly users: UserStore },
  clock: Clock,
): DevSignIn {
  return async (organization, handle) => {
    const subject = await subjectOf(stores, organization, handle);
    return signDevToken(key, { organization, subject, handle }, clock.now());
  };
}

/** `sub` of the person with this handle; the handle itself while there is nobody. */
export async function subjectOf(
  { organizations, users }: { readonly organizations: OrganizationStore; readonly users: UserStore },
  organization: string,
  handle: string,
): Promise<string> {
  const found = await organizations.bySlug(organization);
  const [user] = found === null ? [] : await users.byHandles(found.id, [handle]);
  return user?.subject ?? handle;
}
