/** All loaders of one request or one delivered event, made afresh for each. */
import type { Chat } from '../src/chat/chat.ts';
import type { Message } from '../src/chat/messages/message.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { makeTenantLoaders, type TenantLoaders } from './tenant-loaders.ts';
import { makeViewerLoaders, type ViewerLoaders } from './viewer-loaders.ts';
import { whoIs } from './who.ts';

export { makeTenantLoaders, type TenantLoaders } from './tenant-loaders.ts';

export interface Loaders extends TenantLoaders, ViewerLoaders {
  /** Takes note of a message that did not come through a loader. */
  seen(message: Message): void;
  /** Forgets what was loaded: before each mutation of a request, which must see what the one before it did. */
  clear(): void;
}

/** Of both kinds; each is made where it lies, when it is asked for. */
class Together implements Loaders {
  readonly #tenant: TenantLoaders;
  readonly #viewer: ViewerLoaders;

  constructor(tenant: TenantLoaders, ofViewer: ViewerLoaders) {
    this.#tenant = tenant;
    this.#viewer = ofViewer;
  }

  get organizations() {
    return this.#tenant.organizations;
  }

  get users() {
    return this.#tenant.users;
  }

  get presences() {
    return this.#tenant.presences;
  }

  get channels() {
    return this.#tenant.channels;
  }

  get memberCounts() {
    return this.#tenant.memberCounts;
  }

  get memberIds() {
    return this.#tenant.memberIds;
  }

  get heads() {
    return this.#tenant.heads;
  }

  get revs() {
    return this.#tenant.revs;
  }

  get messages() {
    return this.#tenant.messages;
  }

  get reactors() {
    return this.#tenant.reactors;
  }

  get readable() {
    return this.#viewer.readable;
  }

  get viewerMemberships() {
    return this.#viewer.viewerMemberships;
  }

  get memberships() {
    return this.#viewer.memberships;
  }

  get mentions() {
    return this.#viewer.mentions;
  }

  get notifications() {
    return this.#viewer.notifications;
  }

  get viewerReacted() {
    return this.#viewer.viewerReacted;
  }

  seen({ channelId, row }: Message): void {
    this.#tenant.heads.seen(channelId, row.seq);
  }

  clear(): void {
    this.#tenant.clear();
    this.#viewer.clear();
  }
}

/** All that resolvers may load, of both kinds. */
export const together = (tenant: TenantLoaders, ofViewer: ViewerLoaders): Loaders =>
  new Together(tenant, ofViewer);

/**
 * @param viewer null when nobody is signed in: then every load throws UNAUTHENTICATED.
 * @param shared those of the event that is delivered, shared by all its subscribers.
 */
export function createLoaders(
  chat: Chat,
  viewer: Viewer | null,
  shared: TenantLoaders | null = null,
): Loaders {
  const who = whoIs(viewer);
  const tenant = shared ?? makeTenantLoaders(chat, who);
  return together(tenant, makeViewerLoaders(chat, who, tenant));
}
