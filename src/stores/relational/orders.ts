/** The values that lists are ordered by, as text in keys and back. */
import { type RawBuilder, sql } from 'kysely';
import type { KeysetOrder } from './keyset.ts';

/** By a column made by `nameKey`. */
export const byNameKey = (tag: string, column: RawBuilder<string>): KeysetOrder => ({
  tag,
  isDescending: false,
  expression: column,
  place: column,
  fromText: (text) => (text.isWellFormed() && !text.includes('\0') ? sql`${text}::text collate "C"` : null),
});

/** By a column of type timestamptz(3). */
export const byInstant = (tag: string, column: RawBuilder<Date>, isDescending: boolean): KeysetOrder => ({
  tag,
  isDescending,
  expression: column,
  place: sql<string>`round(extract(epoch from ${column}) * 1000)::bigint::text`,
  fromText: (text) => {
    const at = Number(text);
    // Years 1970 to 9999: what timestamptz and Date both hold.
    if (!Number.isSafeInteger(at) || at < 0 || at > 253_402_300_799_999 || String(at) !== text) return null;
    return sql`${new Date(at).toISOString()}::timestamptz`;
  },
});

/**
 * By an expression of type double precision, highest first. Its text is JavaScript's: the shortest that reads back the
 * same here and there (Postgres writes some numbers with one digit more).
 */
export const byHighest = (tag: string, expression: RawBuilder<number>): KeysetOrder => ({
  tag,
  isDescending: true,
  expression,
  place: expression,
  fromText: (text) => {
    const score = Number(text);
    if (Number.isNaN(score) || String(score) !== text) return null;
    return sql`${text}::double precision`;
  },
});
