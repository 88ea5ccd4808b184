/** Messages as a page of them is handed out. */
import { encodeEventCursor, encodePageCursor } from '../cursors/cursor.ts';
import type { Viewer } from '../viewer.ts';
import type { Message } from './message.ts';

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

/** Messages in the order of their numbers, with page cursors. @param heads read before the messages were. */
export function pageByNumber(
  viewer: Viewer,
  channelId: string,
  heads: Heads,
  messages: readonly Message[],
  { hasNext, hasPrevious }: { readonly hasNext: boolean; readonly hasPrevious: boolean },
): MessagePage {
  const edges = messages.map((node) => ({ cursor: encodePageCursor(channelId, node.row.seq), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: hasNext,
      hasPreviousPage: hasPrevious,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: heads.seq,
    position: positionOf(viewer, channelId, heads),
  };
}
