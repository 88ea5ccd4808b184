/** How many members channels have, and who some of them are. */
import type DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import { fromMap } from './batch.ts';
import type { Who } from './who.ts';

export const memberCountsLoader = (chat: Chat, who: Who): DataLoader<string, number | null> =>
  fromMap((ids) => chat.channels.memberCounts(who(), ids));

/** User ids of a direct conversation's people, by channel: for its title. */
export const memberIdsLoader = (chat: Chat, who: Who): DataLoader<string, readonly string[] | null> =>
  fromMap((ids) => chat.channels.memberIds(who(), ids));
