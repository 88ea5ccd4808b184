/** Viewers' own memberships: by channel, and by their ids. */
import type DataLoader from 'dataloader';
import type { Membership } from '../src/chat/channels/port.ts';
import type { Chat } from '../src/chat/chat.ts';
import type { Viewer } from '../src/chat/viewer.ts';
import { byId, KnowingLoader } from './batch.ts';
import type { Who } from './who.ts';

export interface PlaceKey {
  readonly viewer: Viewer;
  readonly channelId: string;
}

const keyOf = (userId: string, channelId: string): string => `${userId}/${channelId}`;

/** By viewer of one organization and channel, one store call for all of them; null where one is no member. */
export const placesLoader = (chat: Chat): KnowingLoader<PlaceKey, Membership | null> =>
  new KnowingLoader<PlaceKey, Membership | null>(
    async (keys: readonly PlaceKey[]) => {
      const found = new Map((await find(chat, keys)).map((m) => [keyOf(m.userId, m.channelId), m]));
      return keys.map(({ viewer, channelId }) => found.get(keyOf(viewer.userId, channelId)) ?? null);
    },
    ({ viewer, channelId }) => keyOf(viewer.userId, channelId),
  );

/** One viewer's many channels are asked for as such: a sidebar has hundreds. */
async function find(chat: Chat, keys: readonly PlaceKey[]): Promise<readonly Membership[]> {
  const [first] = keys;
  if (first === undefined) return [];
  const isOfOne = keys.every(({ viewer }) => viewer.userId === first.viewer.userId);
  if (!isOfOne) return chat.memberships.ofViewers(keys);
  return chat.memberships.ofViewer(
    first.viewer,
    keys.map(({ channelId }) => channelId),
  );
}

/** By membership id; null for anyone else's. */
export const membershipsLoader = (chat: Chat, who: Who): DataLoader<string, Membership | null> =>
  byId(
    (ids) => chat.memberships.byIds(who(), ids),
    (membership) => membership.id,
  );
