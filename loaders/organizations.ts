/** The viewer's organization, the only one there is to load. */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import type { Organization } from '../src/chat/people/port.ts';
import type { Who } from './who.ts';

export const organizationsLoader = (chat: Chat, who: Who): DataLoader<string, Organization | null> =>
  new DataLoader(async (ids: readonly string[]) => {
    const own = await chat.people.organization(who());
    return ids.map((id) => (id === own.id ? own : null));
  });
