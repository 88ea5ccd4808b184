/** Channels by id. Two loaders, because two questions are asked. */
import type DataLoader from 'dataloader';
import type { ReadableChannel } from '../src/chat/channels/access.ts';
import type { Channel } from '../src/chat/channels/port.ts';
import type { Chat } from '../src/chat/chat.ts';
import { byId, fromMap, type KnowingLoader } from './batch.ts';
import type { Who } from './who.ts';

/** Channels of things the viewer has in hand already (a message, a membership, an event): not asked who may read. */
export const channelsLoader = (chat: Chat, who: Who): KnowingLoader<string, Channel | null> =>
  byId(
    (ids) => chat.channels.byIds(who(), ids),
    (channel) => channel.id,
  );

/**
 * Channels that a client named: null alike for none and for one the viewer may not read.
 * @param onFound told of each, so that the other loaders need not ask again.
 */
export const readableLoader = (
  chat: Chat,
  who: Who,
  onFound: (found: ReadableChannel) => void,
): DataLoader<string, ReadableChannel | null> =>
  fromMap(async (ids) => {
    const found = await chat.channels.readable(who(), ids);
    found.forEach(onFound);
    return found;
  });
