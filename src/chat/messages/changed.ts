/**
 * Messages changed since a position, each once, at its newest change: the change log is walked, and a message is
 * given where its row says that nothing newer has changed it. So nothing is buffered, and every cursor is true: up to
 * it, everything was given. The caller has checked that the viewer may read the channel.
 */
import { decodeEventCursor } from '../cursors/cursor.ts';
import { badInput } from '../errors.ts';
import { limits } from '../limits.ts';
import type { ChannelKey } from '../log/port.ts';
import { pageSize } from '../paging/page-args.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { type Heads, type MessagePage, positionOf } from './connection.ts';
import type { Message } from './message.ts';

export interface ChangedArgs {
  /** An event cursor of the channel. */
  readonly after: string;
  readonly first?: number | null | undefined;
}

/** Changes read in one step, and at most so many messages with them: a little more than the largest page. */
const STEP = 256;
/** No step is begun after this: the answer leaves time for the rest of its request. */
const WALK_MS = 5_000;

interface Changed {
  readonly rev: number;
  readonly message: Message;
}

/** Those messages whose newest change lies in `from`..`to`, by that change. Two store calls. */
async function changedIn(
  ports: Ports,
  channel: ChannelKey,
  from: number,
  to: number,
): Promise<readonly Changed[]> {
  const newest = new Map<number, number>();
  for (const { seq: rev, entry } of await ports.changes.range(channel, from, to)) {
    if (entry.seq !== undefined) newest.set(entry.seq, rev);
  }
  const seqs = [...newest.keys()];
  const rows = seqs.length === 0 ? [] : await ports.messages.rows(seqs.map((seq) => ({ channel, seq })));
  const { channelId } = channel;
  return rows
    .flatMap((row): Changed[] => {
      const rev = row === null ? undefined : newest.get(row.seq);
      if (row === null || rev === undefined) return [];
      // Changed again since: it comes at that change, here or in a later answer. A row that knows of less is given: the
      // change may be of a kind that only a newer version puts into effect.
      if ((row.entry.projection?.changedRev ?? 0) > rev) return [];
      return [{ rev, message: { channelId, row } }];
    })
    .sort((a, b) => a.rev - b.rev);
}

/**
 * One answer walks so many changes at most as are replayed, and on a slow store for some seconds: when they are all of
 * a few messages it may be short, or even empty, and `endCursor` still says where to go on.
 * @param heads read before.
 */
export async function changedPage(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  args: ChangedArgs,
  heads: Heads,
): Promise<MessagePage> {
  const { limit } = pageSize({ first: args.first });
  const after = decodeEventCursor(args.after);
  if (after.channelId !== channelId) throw badInput('This cursor is of another channel.');
  const channel = { organizationId: viewer.tenant.organizationId, channelId };
  // What another numbering counted says nothing of this one: all that ever changed is then the answer.
  const start = after.epoch === viewer.tenant.epoch ? Math.min(after.rev, heads.rev) : 0;
  const last = Math.min(heads.rev, start + limits.replayChanges);
  const found: Changed[] = [];
  let walked = start;
  const lateAt = ports.clock.now() + WALK_MS;
  while (walked < last && found.length <= limit && (walked === start || ports.clock.now() < lateAt)) {
    const to = Math.min(last, walked + STEP);
    found.push(...(await changedIn(ports, channel, walked + 1, to)));
    walked = to;
  }
  const shown = found.slice(0, limit);
  const isCut = found.length > limit;
  const reached = isCut ? (shown.at(-1)?.rev ?? start) : walked;
  // Messages sent since are not shown here: the place in their log stays that of `after`.
  const seq = Math.min(after.seq, heads.seq);
  const cursorOf = (rev: number): string => positionOf(viewer, channelId, { seq, rev });
  const edges = shown.map(({ rev, message }) => ({ cursor: cursorOf(rev), node: message }));
  return {
    edges,
    pageInfo: {
      hasNextPage: isCut || reached < heads.rev,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: cursorOf(reached),
    },
    totalCount: heads.seq,
    position: cursorOf(reached),
  };
}
