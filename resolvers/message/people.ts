/** People whom a message shows: its author, and those it names. */
import type { GraphQLResolveInfo } from 'graphql';
import { contentNow } from '../../src/chat/messages/content.ts';
import type { Message } from '../../src/chat/messages/message.ts';
import type { User } from '../../src/chat/people/port.ts';
import type { Context } from '../context.ts';
import { found } from '../found.ts';
import { selectedBeneath } from '../selected.ts';

/** At once when they are loaded already. */
export function author({ row }: Message, { loaders }: Context): User | Promise<User> {
  const { authorId } = row.entry;
  const known = loaders.users.peek(authorId);
  if (known !== undefined) return found('The author', known);
  return loaders.users.load(authorId).then((user) => found('The author', user));
}

/**
 * Loads whom a page of messages will show, in the one call that it takes. Whoever cannot be loaded is told of where
 * they are shown.
 */
export async function loadPeople(
  messages: readonly Message[],
  { loaders }: Context,
  info: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
): Promise<void> {
  const selected = selectedBeneath(info);
  if (!selected.has('author')) return;
  const ids = new Set(messages.map(({ row }) => row.entry.authorId));
  if (selected.has('mentions') && selected.has('user')) {
    for (const { row } of messages) {
      for (const { userId } of contentNow(row.entry).mentions) if (userId !== undefined) ids.add(userId);
    }
  }
  await loaders.users.loadMany([...ids]);
}
