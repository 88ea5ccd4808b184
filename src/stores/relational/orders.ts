/** The values that lists are ordered by, as text in keys and back. */
import { type RawBuilder, sql } from 'kysely';
import type { KeysetOrder } from './keyset.ts';

/** By a column made by `nameKey`. */
export const byNameKey = (tag: string, column: RawBuilder<string>): KeysetOrder => ({
  tag,
  isDescending: false,
  expression: column,
  asText: column,
  fromText: (text) => (text.isWellFormed() && !text.includes('\0') ? sql`${text}::text collate "C"` : null),
});

/** By a column of type timestamptz(3). */
export const byInstant = (tag: string, column: RawBuilder<Date>, isDescending: boolean): KeysetOrder => ({
  tag,
  isDescending,
  expression: column,
  asText: sql<string>`round(extract(epoch from ${column}) * 1000)::bigint::text`,
  fromText: (text) => {
    const at = Number(text);
    // Years 1970 to 9999: what timestamptz and Date both hold.
    if (!Number.isSafeInteger(at) || at < 0 || at > 253_402_300_799_999 || String(at) !== text) return null;
    return sql`${new Date(at).toISOString()}::timestamptz`;
  },
});

/** By an expression of type double precision, highest first; its text is the shortest that reads back the same. */
export const byHighest = (tag: string, expression: RawBuilder<number>): KeysetOrder => ({
  tag,
  isDescending: true,
  expression,
  asText: sql<string>`(${expression})::text`,
  fromText: (text) =>
    text === '-Infinity' || (/^-?\d{1,9}(\.\d{1,20})?$/.test(text) && String(Number(text)) === text)
      ? sql`${text}::double precision`
      : null,
});
