/** What people say of themselves: the name they are shown by, and their picture's address. */
import { badInput, notFound } from '../errors.ts';
import { limits } from '../limits.ts';
import { checkLine } from '../line.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import type { User } from './port.ts';

export interface ProfileChanges {
  readonly name?: string;
  /** Null takes the picture away. */
  readonly avatarUrl?: string | null;
}

/** Longer ones do not pass through all browsers and proxies. */
const MAX_URL_UNITS = 2_048;

/**
 * The address as it is used from then on. Pictures are fetched by other people's clients: only from where browsers
 * fetch pictures, and without a password that everybody would get to see.
 */
function checkAvatarUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw badInput('`avatarUrl` is the address of a picture, beginning with https:// or http://.');
  }
  if (url.username !== '' || url.password !== '') {
    throw badInput('`avatarUrl` holds a user name or a password: everybody would see it.');
  }
  if (url.href.length > MAX_URL_UNITS) {
    throw badInput(`\`avatarUrl\` is longer than ${MAX_URL_UNITS} characters.`);
  }
  return url.href;
}

/** Changes what is given. The handle stays: it is what others mention. */
export async function updateProfile(ports: Ports, viewer: Viewer, changes: ProfileChanges): Promise<User> {
  const { name, avatarUrl } = changes;
  const checked = {
    ...(name === undefined ? {} : { name: checkLine('name', name, limits.nameUnits, false) }),
    ...(avatarUrl === undefined ? {} : { avatarUrl: avatarUrl === null ? null : checkAvatarUrl(avatarUrl) }),
  };
  const { organizationId } = viewer.tenant;
  const user = await ports.users.updateProfile({ organizationId, userId: viewer.userId, ...checked });
  if (user === null) throw notFound('The user');
  return user;
}
