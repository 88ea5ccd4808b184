/** Presence of people of the viewer's organization, by user id: all that a request shows of it in one read. */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import type { Presence } from '../src/chat/presence/port.ts';
import type { Who } from './who.ts';

export const presencesLoader = (chat: Chat, who: Who): DataLoader<string, Presence> =>
  new DataLoader((ids: readonly string[]) => chat.presence.of(who(), ids));
