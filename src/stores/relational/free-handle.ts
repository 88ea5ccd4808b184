/** The handles that new people get: the one asked for, or the same with the smallest free number from 2. */
import { sql } from 'kysely';
import type { Queries } from './tables.ts';

const MAX_UNITS = 40;
/** Numbers of one handle that are asked about after the handle itself; then twice as many, and so on. */
const FIRST_RANGE = 16;

/** `ada`, `ada-2`, `ada-3`, …; a long one is cut so that the number fits. */
export function candidate(handle: string, n: number): string {
  const suffix = n === 1 ? '' : `-${n}`;
  return handle.slice(0, MAX_UNITS - suffix.length) + suffix;
}

/**
 * One for each, in the order asked; none is given twice. Call while nobody else can add people to the organization.
 * One question for handles that nobody has, few for the ten thousandth of a name.
 */
export async function freeHandles(
  db: Queries,
  organizationId: string,
  wanted: readonly string[],
): Promise<readonly string[]> {
  const given = wanted.slice();
  const isTaken = new Set<string>();
  let waiting = [...wanted.entries()];
  for (let from = 1, count = 1; waiting.length > 0; from += count, count = Math.max(FIRST_RANGE, count * 2)) {
    const ranges = new Map<string, string[]>();
    for (const [, handle] of waiting) {
      if (ranges.has(handle)) continue;
      ranges.set(
        handle,
        Array.from({ length: count }, (_, i) => candidate(handle, from + i)),
      );
    }
    for (const one of await takenOf(db, organizationId, [...ranges.values()].flat())) isTaken.add(one);
    // What is taken stays taken: nobody looks again at what somebody before them has passed.
    const free = new Map([...ranges].map(([handle, range]) => [handle, range.values()]));
    waiting = waiting.filter(([i, handle]) => {
      const found = free.get(handle)?.find((one) => !isTaken.has(one));
      if (found === undefined) return true;
      isTaken.add(found);
      given[i] = found;
      return false;
    });
  }
  return given;
}

async function takenOf(db: Queries, organizationId: string, handles: readonly string[]): Promise<string[]> {
  const taken = await db
    .selectFrom('users')
    .select('handle')
    .where('organization_id', '=', organizationId)
    .where('handle', '=', sql<string>`any(${handles}::text[])`)
    .execute();
  return taken.map((row) => row.handle);
}
