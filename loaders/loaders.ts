/** All loaders of one request or one delivered event, made afresh for each. */
import type { Chat } from '../src/chat/chat.ts';
import type { Message } from '../src/chat/messages/message.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { channelsLoader } from './channels.ts';
import { headsLoader, revsLoader } from './heads.ts';
import { memberCountsLoader, memberIdsLoader } from './members.ts';
import { messagesLoader } from './messages.ts';
import { organizationsLoader } from './organizations.ts';
import { presencesLoader } from './presences.ts';
import { reactorsLoader } from './reactions.ts';
import { usersLoader } from './users.ts';
import { makeViewerLoaders, type ViewerLoaders } from './viewer-loaders.ts';
import { type Who, whoIs } from './who.ts';

/** What is the same for every viewer of an organization: an event is rendered once for all with nothing else. */
export function makeTenantLoaders(chat: Chat, who: Who) {
  return {
    organizations: organizationsLoader(chat, who),
    users: usersLoader(chat, who),
    presences: presencesLoader(chat, who),
    channels: channelsLoader(chat, who),
    memberCounts: memberCountsLoader(chat, who),
    memberIds: memberIdsLoader(chat, who),
    heads: headsLoader(chat, who),
    revs: revsLoader(chat, who),
    messages: messagesLoader(chat, who),
    reactors: reactorsLoader(chat, who),
  };
}

export type TenantLoaders = ReturnType<typeof makeTenantLoaders>;

export interface Loaders extends TenantLoaders, ViewerLoaders {
  /** Takes note of a message that did not come through a loader. */
  seen(message: Message): void;
  /** Forgets what was loaded: before each mutation of a request, which must see what the one before it did. */
  clear(): void;
}

/** All that resolvers may load, of both kinds. */
export function together(tenant: TenantLoaders, ofViewer: ViewerLoaders): Loaders {
  const loaders = { ...tenant, ...ofViewer };
  return {
    ...loaders,
    seen({ channelId, row }) {
      loaders.heads.seen(channelId, row.seq);
    },
    clear() {
      const { heads, ...others } = loaders;
      heads.clear();
      for (const loader of Object.values(others)) loader.clearAll();
    },
  };
}

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
