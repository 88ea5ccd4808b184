/** What differs from viewer to viewer: never shared between them, but asked for at once for those of one organization. */
import type { ReadableChannel } from '../src/chat/channels/access.ts';
import type { Membership } from '../src/chat/channels/port.ts';
import type { Chat } from '../src/chat/chat.ts';
import type { Reaction } from '../src/chat/messages/reaction.ts';
import type { Notification } from '../src/chat/notifications/port.ts';
import type { KnownLoader, Loader } from './batch.ts';
import { readableLoader } from './channels.ts';
import type { TenantLoaders } from './loaders.ts';
import { membershipsLoader, placesLoader } from './memberships.ts';
import { mentionsLoader } from './mentions.ts';
import { notificationsLoader } from './notifications.ts';
import { toldByMessage } from './questions.ts';
import { reactedLoader } from './reactions.ts';
import type { Who } from './who.ts';

export interface ViewerLoaders {
  /** Channels that a client named: null alike for none and for one the viewer may not read. */
  readonly readable: Loader<string, ReadableChannel | null>;
  /** The viewer's own, by channel id. */
  readonly viewerMemberships: Loader<string, Membership | null>;
  /** The viewer's own, by their ids. */
  readonly memberships: Loader<string, Membership | null>;
  /** Unread messages that name the viewer, by channel id. */
  readonly mentions: Loader<string, number>;
  /** The viewer's own, by their ids. */
  readonly notifications: Loader<string, Notification | null>;
  /** Whether the viewer reacted so. */
  readonly viewerReacted: KnownLoader<Reaction, boolean>;
}

/** What many viewers of one organization ask for within a tick, for one store call each. */
export type Crowd = ReturnType<typeof makeCrowd>;

export const makeCrowd = (chat: Chat) => ({
  places: placesLoader(chat),
  mentions: mentionsLoader(chat),
  reacted: reactedLoader(chat),
});

/** One viewer's part of a crowd; or a crowd of one. */
export function makeViewerLoaders(
  chat: Chat,
  who: Who,
  tenant: TenantLoaders,
  { places, mentions, reacted }: Crowd = makeCrowd(chat),
): ViewerLoaders {
  const viewerMemberships: Loader<string, Membership | null> = {
    load: (channelId) => places.load({ viewer: who(), channelId }),
    prime: (channelId, membership) => places.prime({ viewer: who(), channelId }, membership),
    clearAll: () => places.clearAll(),
  };
  return {
    readable: readableLoader(chat, who, ({ channel, membership }) => {
      tenant.channels.prime(channel.id, channel);
      viewerMemberships.prime(channel.id, membership);
    }),
    viewerMemberships,
    memberships: membershipsLoader(chat, who),
    mentions: {
      load: (channelId) => mentions.load({ viewer: who(), channelId }),
      prime: (channelId, count) => mentions.prime({ viewer: who(), channelId }, count),
      clearAll: () => mentions.clearAll(),
    },
    notifications: notificationsLoader(chat, who),
    viewerReacted: {
      peek(reaction) {
        const viewer = who();
        return toldByMessage(reaction, viewer.userId) ?? reacted.peek({ viewer, reaction });
      },
      load: (reaction) => reacted.load({ viewer: who(), reaction }),
      prime: (reaction, hasReacted) => reacted.prime({ viewer: who(), reaction }, hasReacted),
      clearAll: () => reacted.clearAll(),
    },
  };
}
