/** The viewer's own memberships: by channel, and by their ids. */
import type DataLoader from 'dataloader';
import type { Membership } from '../src/chat/channels/port.ts';
import type { Chat } from '../src/chat/chat.ts';
import { byId } from './batch.ts';
import type { Who } from './who.ts';

/** By channel id; null where the viewer is no member. */
export const viewerMembershipsLoader = (chat: Chat, who: Who): DataLoader<string, Membership | null> =>
  byId(
    (channelIds) => chat.memberships.ofViewer(who(), channelIds),
    (membership) => membership.channelId,
  );

/** By membership id; null for anyone else's. */
export const membershipsLoader = (chat: Chat, who: Who): DataLoader<string, Membership | null> =>
  byId(
    (ids) => chat.memberships.byIds(who(), ids),
    (membership) => membership.id,
  );
