/** Users of the viewer's organization, by id: authors, members, mentioned people. */
import DataLoader from 'dataloader';
import type { Chat } from '../src/chat/chat.ts';
import type { User } from '../src/chat/people/port.ts';
import type { Who } from './who.ts';

/**
 * Knows what it has loaded without a promise: a page whose authors were loaded before it is shown is executed in one
 * go, and not in some hundred promises that each wait for the same.
 */
export class UsersLoader extends DataLoader<string, User | null> {
  readonly #loaded: Map<string, User | null>;

  constructor(find: (ids: readonly string[]) => Promise<readonly User[]>) {
    const loaded = new Map<string, User | null>();
    super(async (ids) => {
      const found = new Map((await find(ids)).map((user) => [user.id, user]));
      return ids.map((id) => {
        const user = found.get(id) ?? null;
        loaded.set(id, user);
        return user;
      });
    });
    this.#loaded = loaded;
  }

  /** Undefined while it is not loaded. */
  peek(id: string): User | null | undefined {
    return this.#loaded.get(id);
  }

  override clearAll(): this {
    this.#loaded.clear();
    return super.clearAll();
  }
}

export const usersLoader = (chat: Chat, who: Who): UsersLoader =>
  new UsersLoader((ids) => chat.people.byIds(who(), ids));
