/** The hint of a channel's last activity, of many channels at once. */
import { sql } from 'kysely';
import type { Database } from './database.ts';
import { areUuids } from './uuids.ts';

export async function touchActivity(
  database: Database,
  organizationId: string,
  at: ReadonlyMap<string, Date>,
): Promise<void> {
  const wanted = [...at].filter(([id]) => areUuids(organizationId, id));
  if (wanted.length === 0) return;
  const ids = wanted.map(([id]) => id);
  const instants = wanted.map(([, date]) => date.toISOString());
  await database.transaction(async (db) => {
    // Two replicas that touch the same channels in different orders would wait for each other: everybody locks in
    // the order of ids first. NO KEY UPDATE lets memberships, which refer to the row, be made meanwhile.
    await db
      .selectFrom('channels')
      .select('id')
      .where('organization_id', '=', organizationId)
      .where('id', '=', sql<string>`any(${ids}::uuid[])`)
      .orderBy('id')
      .forNoKeyUpdate()
      .execute();
    await sql`
      update channels set last_activity_at = touched.at
      from unnest(${ids}::uuid[], ${instants}::timestamptz[]) as touched (id, at)
      where channels.organization_id = ${organizationId} and channels.id = touched.id
        and channels.last_activity_at < touched.at`.execute(db);
  });
}
