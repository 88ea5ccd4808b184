/** All loaders of one request or one delivered event, made afresh for each. */
import type { Chat } from '../src/chat/chat.ts';
import type { Message } from '../src/chat/messages/message.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { channelsLoader, readableLoader } from './channels.ts';
import { headsLoader, revsLoader } from './heads.ts';
import { memberCountsLoader, memberIdsLoader } from './members.ts';
import { membershipsLoader, viewerMembershipsLoader } from './memberships.ts';
import { messagesLoader } from './messages.ts';
import { organizationsLoader } from './organizations.ts';
import { usersLoader } from './users.ts';
import { whoIs } from './who.ts';

function makeLoaders(chat: Chat, viewer: Viewer | null) {
  const who = whoIs(viewer);
  const channels = channelsLoader(chat, who);
  const viewerMemberships = viewerMembershipsLoader(chat, who);
  return {
    organizations: organizationsLoader(chat, who),
    users: usersLoader(chat, who),
    channels,
    readable: readableLoader(chat, who, ({ channel, membership }) => {
      channels.prime(channel.id, channel);
      viewerMemberships.prime(channel.id, membership);
    }),
    memberCounts: memberCountsLoader(chat, who),
    memberIds: memberIdsLoader(chat, who),
    viewerMemberships,
    memberships: membershipsLoader(chat, who),
    heads: headsLoader(chat, who),
    revs: revsLoader(chat, who),
    messages: messagesLoader(chat, who),
  };
}

export interface Loaders extends ReturnType<typeof makeLoaders> {
  /** Takes note of a message that did not come through a loader. */
  seen(message: Message): void;
  /** Forgets what was loaded: before each mutation of a request, which must see what the one before it did. */
  clear(): void;
}

/** @param viewer null when nobody is signed in: then every load throws UNAUTHENTICATED. */
export function createLoaders(chat: Chat, viewer: Viewer | null): Loaders {
  const loaders = makeLoaders(chat, viewer);
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
