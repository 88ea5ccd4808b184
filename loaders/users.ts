/** Users of the viewer's organization, by id: authors, members, mentioned people. */
import type { Chat } from '../src/chat/chat.ts';
import type { User } from '../src/chat/people/port.ts';
import { byId, type KnowingLoader } from './batch.ts';
import type { Who } from './who.ts';

export const usersLoader = (chat: Chat, who: Who): KnowingLoader<string, User | null> =>
  byId(
    (ids) => chat.people.byIds(who(), ids),
    (user) => user.id,
  );
