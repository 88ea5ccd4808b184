/**
 * Pages by keyset, forward and backward, in one order of (expression, id), both ascending or both descending. A key is
 * opaque to its holder and strict to us; it names a place, not a row, so it works on after its row is gone.
 */
import { type RawBuilder, sql } from 'kysely';
import { badInput } from '../../chat/errors.ts';
import { isUuid } from '../../chat/ids.ts';
import type { KeysetPage, KeysetSlice } from '../../chat/people/port.ts';
import type { Queries } from './tables.ts';

export interface KeysetOrder {
  /** Names the order within keys, so that a key of one order is refused by another. */
  readonly tag: string;
  readonly isDescending: boolean;
  /** What is sorted by, before the id. */
  readonly expression: RawBuilder<unknown>;
  /** The same as the drivers give it without loss; its text is what a key holds. */
  readonly place: RawBuilder<string | number>;
  /** The expression's value of the text of a place; null for a text that none can have. */
  fromText(text: string): RawBuilder<unknown> | null;
}

/** What is asked of a source that is put together of several, so that none of them gives more than the page may need. */
export interface KeysetPart {
  /** The page's bounds on one of them, whose rows have these as expression and id. */
  within(expression: RawBuilder<unknown>, id: RawBuilder<unknown>): RawBuilder<boolean>;
  /** `asc` or `desc`: the first `limit` of each are enough. */
  readonly direction: RawBuilder<unknown>;
  readonly limit: number;
}

/** Which rows, of which tables; `where` holds everything but the page's own bounds, the organization first. */
export interface KeysetSource {
  readonly columns: RawBuilder<unknown>;
  readonly from: RawBuilder<unknown> | ((part: KeysetPart) => RawBuilder<unknown>);
  readonly where: RawBuilder<boolean>;
  readonly id: RawBuilder<string>;
  readonly order: KeysetOrder;
}

const wrap = (tag: string, id: string, place: string): string =>
  Buffer.from(`${tag}.${id}.${place}`).toString('base64url');

const notOurs = () =>
  badInput('This is not a cursor of this list. Pass a cursor exactly as the server gave it.');

interface Place {
  readonly id: string;
  readonly value: RawBuilder<unknown>;
}

function placeOf(order: KeysetOrder, key: string): Place {
  const text = key.length <= 2_000 ? Buffer.from(key, 'base64url').toString() : '';
  const [tag, id = ''] = text.split('.', 2);
  const place = text.slice(`${tag}.${id}.`.length);
  // Wrapping it again must give the same key: one place has one key, nothing hides in unused bits.
  if (tag !== order.tag || !isUuid(id) || wrap(tag, id, place) !== key) throw notOurs();
  const value = order.fromText(place);
  if (value === null) throw notOurs();
  return { id, value };
}

/** Both flags are exact: when the page's own query does not tell, one more asks. Throws BAD_USER_INPUT for a bad key. */
export async function keysetSlice<Row extends { readonly id: string }, Node>(
  db: Queries,
  source: KeysetSource,
  page: KeysetPage,
  nodeOf: (row: Row) => Node,
): Promise<KeysetSlice<Node>> {
  const { order, id, from, where } = source;
  const after = page.after === undefined ? null : placeOf(order, page.after);
  const before = page.before === undefined ? null : placeOf(order, page.before);
  const later = order.isDescending ? sql`<` : sql`>`;
  const earlier = order.isDescending ? sql`>` : sql`<`;
  const direction = order.isDescending === page.backward ? sql`asc` : sql`desc`;
  type Bound = readonly [Place, RawBuilder<unknown>];
  const within = (
    bounds: readonly Bound[],
    expression: RawBuilder<unknown> = order.expression,
    rowId: RawBuilder<unknown> = id,
  ): RawBuilder<boolean> =>
    sql.join<boolean>(
      [
        sql`true`,
        ...bounds.map(
          ([place, side]) => sql`(${expression}, ${rowId}) ${side} (${place.value}, ${place.id}::uuid)`,
        ),
      ],
      sql` and `,
    );
  const rowsOf = (bounds: readonly Bound[], limit: number): RawBuilder<unknown> =>
    typeof from === 'function'
      ? from({ within: (expression, rowId) => within(bounds, expression, rowId), direction, limit })
      : from;
  const bounds: Bound[] = [];
  if (after !== null) bounds.push([after, later]);
  if (before !== null) bounds.push([before, earlier]);

  const { rows } = await sql<Row & { place: string | number }>`
    select ${source.columns}, ${order.place} as place from ${rowsOf(bounds, page.limit + 1)}
    where ${where} and ${within(bounds)}
    order by ${order.expression} ${direction}, ${id} ${direction}
    limit ${page.limit + 1}`.execute(db);
  const hasMore = rows.length > page.limit;
  const taken = rows.slice(0, page.limit);
  if (page.backward) taken.reverse();

  // Asked when there was no extra row: then nothing lies between a bound and the page, only at or outside the bound.
  const isAny = async (place: Place | null, side: RawBuilder<unknown>): Promise<boolean> => {
    if (place === null) return false;
    const found = await sql<{ is_any: boolean }>`
      select exists (
        select from ${rowsOf([[place, side]], 1)} where ${where} and ${within([[place, side]])}
      ) as is_any`.execute(db);
    return found.rows[0]?.is_any === true;
  };
  return {
    items: taken.map((row) => ({ key: wrap(order.tag, row.id, String(row.place)), node: nodeOf(row) })),
    hasNext: (!page.backward && hasMore) || (await isAny(before, sql`${later}=`)),
    hasPrevious: (page.backward && hasMore) || (await isAny(after, sql`${earlier}=`)),
  };
}
