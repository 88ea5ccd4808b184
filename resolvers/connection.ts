/**
 * Connections over keysets (all but the messages' own): the arguments checked, the store's keys wrapped into
 * cursors that name the list they belong to, and exact PageInfo flags.
 */
import { badInput } from '../src/chat/errors.ts';
import { type PageArgs, pageSize } from '../src/chat/paging/page-args.ts';
import type { KeysetPage, KeysetSlice } from '../src/chat/people/port.ts';

export interface Connection<T> {
  readonly edges: { readonly cursor: string; readonly node: T }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

/** Keys hold names, which may be long. */
const MAX_CURSOR = 4_000;

const wrap = (list: string, key: string): string => Buffer.from(`k1.${list}.${key}`).toString('base64url');

function unwrap(list: string, cursor: string): string {
  const text = cursor.length <= MAX_CURSOR ? Buffer.from(cursor, 'base64url').toString() : '';
  const head = `k1.${list}.`;
  if (!text.startsWith(head) || wrap(list, text.slice(head.length)) !== cursor) {
    throw badInput('This is not a cursor of this list. Pass a cursor exactly as the server gave it.');
  }
  return text.slice(head.length);
}

/** The page as the store takes it. `list` names the list and its order: the cursor of another is refused. */
export function keysetPage(list: string, args: PageArgs): KeysetPage {
  const { limit, backward } = pageSize(args);
  return {
    limit,
    backward,
    ...(args.after == null ? {} : { after: unwrap(list, args.after) }),
    ...(args.before == null ? {} : { before: unwrap(list, args.before) }),
  };
}

/** An empty page still has exact flags: one row is read to see whether anything lies on its open side. */
async function emptyPage<T>(
  page: KeysetPage,
  read: (page: KeysetPage) => Promise<KeysetSlice<T>>,
): Promise<KeysetSlice<T>> {
  const { items, hasNext, hasPrevious } = await read({ ...page, limit: 1 });
  const isAny = items.length > 0;
  return page.backward
    ? { items: [], hasNext, hasPrevious: isAny || hasPrevious }
    : { items: [], hasNext: isAny || hasNext, hasPrevious };
}

/** A connection of one page of a list. */
export async function connect<T>(
  list: string,
  args: PageArgs,
  read: (page: KeysetPage) => Promise<KeysetSlice<T>>,
): Promise<Connection<T>> {
  const page = keysetPage(list, args);
  const slice = page.limit === 0 ? await emptyPage(page, read) : await read(page);
  const edges = slice.items.map(({ key, node }) => ({ cursor: wrap(list, key), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: slice.hasNext,
      hasPreviousPage: slice.hasPrevious,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
