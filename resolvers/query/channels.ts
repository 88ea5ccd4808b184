/** Query.channels: the public channels of the viewer's organization, by name. */
import type { Channel } from '../../src/chat/channels/port.ts';
import type { PageArgs } from '../../src/chat/paging/page-args.ts';
import { type Connection, connect } from '../connection.ts';
import { type Context, viewerOf } from '../context.ts';
import { searchWord } from './search.ts';

export function channels(
  args: PageArgs & { readonly search?: string | null | undefined },
  context: Context,
): Promise<Connection<Channel>> {
  const viewer = viewerOf(context);
  const search = searchWord(args.search);
  return connect('channels', args, async (page) => {
    const slice = await context.chat.channels.pagePublic(viewer, {
      ...page,
      ...(search === null ? {} : { search }),
    });
    for (const { node } of slice.items) context.loaders.channels.prime(node.id, node);
    return slice;
  });
}
