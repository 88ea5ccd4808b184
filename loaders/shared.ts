/**
 * Loaders for executing an event once for all who are told of it: what is the same for the whole organization is
 * loaded, and whatever differs between viewers refuses to be, so that the event is executed for each of them instead.
 */
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import type { KnownLoader } from './batch.ts';
import { type Loaders, makeTenantLoaders, type TenantLoaders, together } from './loaders.ts';
import { someoneOf, whoIs } from './who.ts';

/**
 * @param viewer one of those who are told: nothing but the organization is taken from it.
 * @param shared those of the event, when it has a place in a channel.
 * @param refuse takes note that the viewer was asked for, and throws.
 */
export function createSharedLoaders(
  chat: Chat,
  viewer: Viewer | null,
  shared: TenantLoaders | null,
  refuse: () => never,
): Loaders {
  const tenant = shared ?? makeTenantLoaders(chat, whoIs(viewer && someoneOf(viewer)));
  const refusing: KnownLoader<unknown, never> = {
    peek: refuse,
    load: refuse,
    prime: refuse,
    // Of what was never loaded nothing is to be forgotten.
    clearAll: () => undefined,
  };
  return together(tenant, {
    readable: refusing,
    viewerMemberships: refusing,
    memberships: refusing,
    mentions: refusing,
    notifications: refusing,
    viewerReacted: refusing,
    clear: () => undefined,
  });
}
