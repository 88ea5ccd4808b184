/**
 * Which numbers a page of history holds. Numbers are dense, so a page is arithmetic on them: nothing is counted or
 * searched, and both PageInfo flags are exact without reading one row more.
 */
import { decodePageCursor } from '../cursors/cursor.ts';
import { badInput } from '../errors.ts';
import { limits } from '../limits.ts';
import { type PageArgs, pageSize } from '../paging/page-args.ts';

export interface HistoryArgs extends PageArgs {
  readonly around?: number | null | undefined;
  readonly aroundUnread?: boolean | null | undefined;
}

/** Numbers `start`..`end`, both inclusive; `end` is `start - 1` for an empty page. */
export interface HistoryRange {
  readonly start: number;
  readonly end: number;
}

/** Refuses arguments that cannot be together, before anything is read. */
export function checkHistoryArgs(args: HistoryArgs): void {
  const isCentred = (args.around ?? null) !== null || args.aroundUnread === true;
  const others = [args.first, args.last, args.after, args.before].some((v) => (v ?? null) !== null);
  if ((args.around ?? null) !== null && args.aroundUnread === true) {
    throw badInput('Give `around` or `aroundUnread`, not both.');
  }
  if (isCentred && others) {
    throw badInput('`around` and `aroundUnread` go alone: without first, last, after and before.');
  }
  pageSize(args);
}

function centred(on: number, head: number): HistoryRange {
  const length = limits.defaultPageSize;
  const place = Math.min(Math.max(on, 1), head);
  const newestStart = Math.max(1, head - length + 1);
  const start = Math.min(Math.max(1, place - Math.floor(length / 2) + 1), newestStart);
  return { start, end: Math.min(head, start + length - 1) };
}

/**
 * The page that `args` ask for in a log of `head` messages.
 * @param checkpoint the viewer's, for `aroundUnread`; null when they are no member.
 */
export function historyRange(
  args: HistoryArgs,
  log: { readonly channelId: string; readonly head: number; readonly checkpoint: number | null },
): HistoryRange {
  checkHistoryArgs(args);
  const { head, checkpoint } = log;
  if ((args.around ?? null) !== null) return centred(Number(args.around), head);
  if (args.aroundUnread === true && checkpoint !== null && checkpoint < head) {
    return centred(checkpoint, head);
  }
  const { limit, backward } = pageSize(args, 'back');
  const place = (cursor: string) => decodePageCursor(cursor, log.channelId);
  // A cursor from before a restore may lie beyond the head: the place after the newest message then.
  const low = args.after == null ? 1 : Math.min(place(args.after), head) + 1;
  const high = args.before == null ? head : Math.min(place(args.before) - 1, head);
  if (high < low) return { start: low, end: low - 1 };
  return backward
    ? { start: Math.max(low, high - limit + 1), end: high }
    : { start: low, end: Math.min(high, low + limit - 1) };
}
