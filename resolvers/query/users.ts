/** Query.users: the people of the viewer's organization, by name. */
import type { PageArgs } from '../../src/chat/paging/page-args.ts';
import type { User } from '../../src/chat/people/port.ts';
import { type Connection, connect } from '../connection.ts';
import { type Context, viewerOf } from '../context.ts';
import { searchWord } from './search.ts';

export function users(
  args: PageArgs & { readonly search?: string | null | undefined },
  context: Context,
): Promise<Connection<User>> {
  const viewer = viewerOf(context);
  const search = searchWord(args.search);
  return connect('users', args, (page) =>
    context.chat.people.page(viewer, { ...page, ...(search === null ? {} : { search }) }),
  );
}
