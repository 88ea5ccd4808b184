/** The pinned messages of a channel, by number. The caller has checked that the viewer may read the channel. */
import { decodePageCursor } from '../cursors/cursor.ts';
import { fromStore } from '../log/failures.ts';
import { type PageArgs, pageSize } from '../paging/page-args.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { type Heads, type MessagePage, pageByNumber } from './connection.ts';
import type { Message } from './message.ts';

/**
 * Oldest to newest; two store calls, and one for each bound that is given. @param heads read before.
 */
export async function pinnedPage(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  args: PageArgs,
  heads: Heads,
): Promise<MessagePage> {
  const channel = { organizationId: viewer.tenant.organizationId, channelId };
  const { limit, backward } = pageSize(args);
  const after = args.after == null ? 0 : decodePageCursor(args.after, channelId);
  const before = args.before == null ? heads.seq + 1 : decodePageCursor(args.before, channelId);
  // One more than shown tells whether the page is cut; a look beyond each bound, what lies there.
  const [found, isEarlier, isLater] = await Promise.all([
    fromStore(ports.projections.pins(channel, { after, before, limit: limit + 1, backward })),
    anyPin(ports, channel, { after: 0, before: after + 1 }),
    anyPin(ports, channel, { after: before - 1, before: heads.seq + 1 }),
  ]);
  const isCut = found.length > limit;
  const numbers = backward ? found.slice(isCut ? 1 : 0) : found.slice(0, limit);
  const rows = await ports.messages.rows(numbers.map((seq) => ({ channel, seq })));
  // Unpinned or deleted since the numbers were read: the row is the newer truth.
  const messages = rows.flatMap((row): Message[] =>
    row?.entry.projection?.pinnedAt === undefined ? [] : [{ channelId, row }],
  );
  return pageByNumber(viewer, channelId, heads, messages, {
    hasNext: isLater || (isCut && !backward),
    hasPrevious: isEarlier || (isCut && backward),
  });
}

async function anyPin(
  ports: Ports,
  channel: { readonly organizationId: string; readonly channelId: string },
  { after, before }: { readonly after: number; readonly before: number },
): Promise<boolean> {
  if (before - after < 2) return false;
  const found = await fromStore(
    ports.projections.pins(channel, { after, before, limit: 1, backward: false }),
  );
  return found.length > 0;
}
