/** Reading a channel's messages by number. The caller has checked that the viewer may read the channel. */
import { encodePageCursor } from '../cursors/cursor.ts';
import { badInput, unavailable } from '../errors.ts';
import type { MessageEntry } from '../log/entries.ts';
import type { LogRow } from '../log/port.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { type Heads, type MessagePage, pageByNumber } from './connection.ts';
import { type HistoryArgs, historyRange } from './page.ts';
import type { SharedReads } from './shared-reads.ts';

export type { Heads, MessagePage } from './connection.ts';

export type PageReads = SharedReads<readonly LogRow<MessageEntry>[]>;

/**
 * Numbers `start`..`end`, every one of them: a page with a hole would be passed over for good by its reader. Shared
 * by all who ask for the same at this moment with the same changes known: a read that was begun before a change is
 * no answer for a position that includes it.
 */
function readRange(
  ports: Ports,
  reads: PageReads,
  channel: { readonly organizationId: string; readonly channelId: string },
  { start, end, rev }: { readonly start: number; readonly end: number; readonly rev: number },
): Promise<readonly LogRow<MessageEntry>[]> {
  const { organizationId, channelId } = channel;
  return reads.read(`${organizationId}/${channelId}/${start}/${end}/${rev}`, async () => {
    const rows = await ports.messages.range(channel, start, end);
    if (rows.length !== end - start + 1) {
      throw unavailable('message store', new Error(`numbers are missing between ${start} and ${end}`));
    }
    return rows;
  });
}

/**
 * A page of history: one read of the log, or none when the page is empty.
 * @param heads read before; the page and its position are told from these, so that a subscription from the
 *   position misses nothing which the page does not show.
 * @param checkpoint the viewer's, for `aroundUnread`; null when they are no member.
 */
export async function messagePage(
  ports: Ports,
  reads: PageReads,
  viewer: Viewer,
  channelId: string,
  args: HistoryArgs,
  heads: Heads,
  checkpoint: number | null,
): Promise<MessagePage> {
  const { start, end } = historyRange(args, { channelId, head: heads.seq, checkpoint });
  const { organizationId } = viewer.tenant;
  const rows =
    end < start
      ? []
      : await readRange(ports, reads, { organizationId, channelId }, { start, end, rev: heads.rev });
  const messages = rows.map((row) => ({ channelId, row }));
  const around = { hasNext: end < heads.seq, hasPrevious: start > 1 };
  return pageByNumber(viewer, channelId, heads, messages, around);
}

/** A page cursor of the last message before a time, milliseconds since the epoch. */
export async function cursorAt(ports: Ports, viewer: Viewer, channelId: string, at: number): Promise<string> {
  const { organizationId } = viewer.tenant;
  return encodePageCursor(channelId, await ports.messages.lastBefore({ organizationId, channelId }, at));
}

/** A page cursor of a number, 0 to head. Throws BAD_USER_INPUT for any other. */
export function cursorOf(channelId: string, seq: number, head: number): string {
  if (seq < 0 || seq > head) throw badInput(`\`seq\` is a number from 0 to the channel's head, ${head}.`);
  return encodePageCursor(channelId, seq);
}
