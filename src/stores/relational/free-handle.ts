/** The handle that a new person gets: the one asked for, or the same with the smallest free number from 2. */
import { sql } from 'kysely';
import type { Queries } from './tables.ts';

const MAX_UNITS = 40;

/** `ada`, `ada-2`, `ada-3`, …; a long one is cut so that the number fits. */
export function candidate(handle: string, n: number): string {
  const suffix = n === 1 ? '' : `-${n}`;
  return handle.slice(0, MAX_UNITS - suffix.length) + suffix;
}

/** Call while nobody else can add people to the organization. */
export async function freeHandle(db: Queries, organizationId: string, handle: string): Promise<string> {
  // Asked in ranges that double: one question for most people, few for the ten thousandth of a name.
  for (let from = 1, count = 16; ; from += count, count *= 2) {
    const candidates = Array.from({ length: count }, (_, i) => candidate(handle, from + i));
    const taken = await db
      .selectFrom('users')
      .select('handle')
      .where('organization_id', '=', organizationId)
      .where('handle', '=', sql<string>`any(${candidates}::text[])`)
      .execute();
    const isTaken = new Set(taken.map((row) => row.handle));
    const free = candidates.find((one) => !isTaken.has(one));
    if (free !== undefined) return free;
  }
}
