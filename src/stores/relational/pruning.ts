/**
 * Forgetting what is old, some rows at a time: a statement for all of them at once would run into its deadline after a
 * long pause, and then again each time.
 */
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from './tables.ts';

/** Tables of which old rows are forgotten, and the time that tells their age; each has an index on it. */
const ages = { notifications: 'created_at', channel_mentions: 'created_at', revocations: 'at' } as const;

/** Of the rows from before that time the oldest, at most `limit`. Returns how many. */
export async function deleteOldest(
  db: Queries,
  table: keyof typeof ages,
  before: RawBuilder<unknown>,
  limit: number,
): Promise<number> {
  const at = sql.ref(ages[table]);
  const { numAffectedRows = 0n } = await sql`
    delete from ${sql.table(table)} where ctid = any(array(
      select ctid from ${sql.table(table)} where ${at} < ${before} order by ${at} limit ${limit}
    ))`.execute(db);
  return Number(numAffectedRows);
}
