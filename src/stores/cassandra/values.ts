/** What comes out of a column, checked: the driver's rows are untyped. */

/** A row as far as we trust it. */
export type Row = Readonly<Record<string, unknown>>;

/** A bigint, int or timestamp as a number, exact or not at all; null for null. */
export function numberOrNull(value: unknown): number | null {
  if (value === null || value === undefined) return null;
  const number = value instanceof Date ? value.getTime() : Number(value);
  if (!Number.isSafeInteger(number))
    throw new TypeError(`Cassandra holds ${String(value)} where a number was`);
  return number;
}

export const textOrNull = (value: unknown): string | null => {
  if (value === null || value === undefined) return null;
  if (typeof value !== 'string') throw new TypeError(`Cassandra holds a ${typeof value} where a text was`);
  return value;
};
