/** Unread messages that name viewers of one organization: one store call for all of them and all their channels. */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import type { PlaceKey } from './memberships.ts';

export const mentionsLoader = (chat: Chat): DataLoader<PlaceKey, number, string> =>
  new DataLoader((places: readonly PlaceKey[]) => chat.notifications.mentionCounts(places), {
    cacheKeyFn: ({ viewer, channelId }) => `${viewer.userId}/${channelId}`,
  });
