/** Reading a channel's messages by number. The caller has checked that the viewer may read the channel. */
import { encodeEventCursor, encodePageCursor } from '../cursors/cursor.ts';
import { badInput, unavailable } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import type { Message } from './message.ts';
import { type HistoryArgs, historyRange } from './page.ts';

/** Where both logs of a channel stand. */
export interface Heads {
  readonly seq: number;
  readonly rev: number;
}

export interface MessagePage {
  readonly edges: readonly { readonly cursor: string; readonly node: Message }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: number;
  readonly position: string;
}

/** The event cursor of a place in both logs. */
export const positionOf = (viewer: Viewer, channelId: string, heads: Heads): string =>
  encodeEventCursor({ channelId, epoch: viewer.tenant.epoch, ...heads });

/** Numbers `start`..`end`, every one of them: a page with a hole would be passed over for good by its reader. */
async function readRange(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  start: number,
  end: number,
): Promise<readonly Message[]> {
  if (end < start) return [];
  const { organizationId } = viewer.tenant;
  const rows = await ports.messages.range({ organizationId, channelId }, start, end);
  if (rows.length !== end - start + 1) {
    throw unavailable('message store', new Error(`numbers are missing between ${start} and ${end}`));
  }
  return rows.map((row) => ({ channelId, row }));
}

/**
 * A page of history: one read of the log, or none when the page is empty.
 * @param heads read before; the page and its position are told from these, so that a subscription from the
 *   position misses nothing which the page does not show.
 * @param checkpoint the viewer's, for `aroundUnread`; null when they are no member.
 */
export async function messagePage(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  args: HistoryArgs,
  heads: Heads,
  checkpoint: number | null,
): Promise<MessagePage> {
  const { start, end } = historyRange(args, { channelId, head: heads.seq, checkpoint });
  const messages = await readRange(ports, viewer, channelId, start, end);
  const edges = messages.map((node) => ({ cursor: encodePageCursor(channelId, node.row.seq), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: end < heads.seq,
      hasPreviousPage: start > 1,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: heads.seq,
    position: positionOf(viewer, channelId, heads),
  };
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
