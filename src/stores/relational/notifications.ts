/** Notifications, put together; and their upkeep: changes that are open, channels that were left behind, age. */
import { sql } from 'kysely';
import { uuidv7 } from '../../chat/ids.ts';
import type { NotificationStore, Reached } from '../../chat/notifications/port.ts';
import type { Database } from './database.ts';
import { type KeptMemberships, keptMembershipsOf } from './kept-memberships.ts';
import { audience } from './notification-audience.ts';
import { notificationReads } from './notification-reads.ts';
import { retell, tell } from './notification-tell.ts';
import { outsideCells } from './outside-cells.ts';
import { deleteOldest } from './pruning.ts';
import type { Queries } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';

interface ReachedRow {
  readonly organization_id: string;
  readonly channel_id: string;
  readonly seq: string | number | null;
}

const reachedOf = (row: ReachedRow): Reached => ({
  organizationId: row.organization_id,
  channelId: row.channel_id,
  seq: row.seq === null ? null : Number(row.seq),
});

const ago = (ms: number) => sql`now() - ${ms}::double precision * interval '1 millisecond'`;

/** @param kept what is kept in memory of memberships, shared with whatever else keeps some. */
export const createNotificationStore = (
  database: Database,
  kept: KeptMemberships | null = keptMembershipsOf(database),
): NotificationStore => ({
  ...notificationReads(database),
  audience: audience(database, kept),
  tell: (tellings) => tell(database, tellings),
  retell: (message, now) => retell(database, message, now),

  planRecount: ({ organizationId, channelId, seq }) =>
    database.run(async (db) => {
      const id = uuidv7(Date.now());
      await db
        .insertInto('recounts')
        .values({ id, organization_id: organizationId, channel_id: channelId, seq })
        .execute();
      return id;
    }),

  recounted: (ids) =>
    database.run(async (db) => {
      const known = uuidsOf(ids);
      if (known.length === 0) return;
      await db.deleteFrom('recounts').where('id', '=', sql<string>`any(${known}::uuid[])`).execute();
    }),

  openRecounts: (olderThanMs, limit, awayCells = []) =>
    database.run(async (db) => {
      const rows = await db
        .selectFrom('recounts')
        .selectAll()
        .where('created_at', '<', sql<Date>`${ago(olderThanMs)}`)
        .where(outsideCells(sql.ref('organization_id'), awayCells))
        .orderBy('created_at')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        organizationId: row.organization_id,
        channelId: row.channel_id,
        seq: Number(row.seq),
      }));
    }),

  quiet: ({ fromMs, toMs }, limit, awayCells = []) =>
    database.run(async (db) => {
      const { rows } = await sql<ReachedRow>`
        select channels.organization_id, channels.id as channel_id, notified.seq
        from channels
        left join notified on notified.organization_id = channels.organization_id
          and notified.channel_id = channels.id
        where channels.last_activity_at between ${ago(fromMs)} and ${ago(toMs)}
          and ${outsideCells(sql.ref('channels.organization_id'), awayCells)}
        order by channels.last_activity_at desc limit ${limit}`.execute(db);
      return rows.map(reachedOf);
    }),

  walk: (after, limit, awayCells = []) =>
    database.run(async (db) => {
      if (after !== null && !areUuids(after.organizationId, after.channelId)) return [];
      const bound =
        after === null
          ? sql`true`
          : sql`(channels.organization_id, channels.id)
              > (${after.organizationId}::uuid, ${after.channelId}::uuid)`;
      const { rows } = await sql<ReachedRow>`
        select channels.organization_id, channels.id as channel_id, notified.seq
        from channels
        left join notified on notified.organization_id = channels.organization_id
          and notified.channel_id = channels.id
        where ${bound} and ${outsideCells(sql.ref('channels.organization_id'), awayCells)}
        order by channels.organization_id, channels.id limit ${limit}`.execute(db);
      return rows.map(reachedOf);
    }),

  prune: (olderThanMs, limit) =>
    database.run(
      async (db) =>
        (await deleteOldest(db, 'notifications', ago(olderThanMs), limit)) +
        (await deleteOldest(db, 'channel_mentions', ago(olderThanMs), limit)),
    ),
});

/**
 * After a restore from backup: what was told of messages that the logs have lost, whose numbers are given again. Call
 * within the transaction that moves the checkpoints back.
 */
export async function clampNotifications(
  db: Queries,
  heads: readonly { readonly organizationId: string; readonly channelId: string; readonly head: number }[],
): Promise<void> {
  const lost = sql`unnest(
    ${heads.map((one) => one.organizationId)}::uuid[],
    ${heads.map((one) => one.channelId)}::uuid[],
    ${heads.map((one) => one.head)}::bigint[]
  ) as restored (organization_id, channel_id, head)`;
  await sql`select from notified join ${lost} using (organization_id, channel_id)
    where notified.seq > restored.head
    order by notified.organization_id, notified.channel_id for no key update of notified`.execute(db);
  for (const table of ['notifications', 'channel_mentions', 'recounts']) {
    await sql`delete from ${sql.table(table)} as kept using ${lost}
      where kept.organization_id = restored.organization_id and kept.channel_id = restored.channel_id
        and kept.seq > restored.head`.execute(db);
  }
  await sql`update notified set seq = restored.head from ${lost}
    where notified.organization_id = restored.organization_id and notified.channel_id = restored.channel_id
      and notified.seq > restored.head`.execute(db);
  await sql`
    with beyond as (
      select memberships.organization_id, memberships.id, restored.head
      from memberships join ${lost} using (organization_id, channel_id)
      where memberships.joined_seq > restored.head or memberships.own_ahead <> '{}'
      order by memberships.organization_id, memberships.channel_id, memberships.user_id
      for update of memberships
    )
    update memberships set joined_seq = least(joined_seq, beyond.head), own_ahead = '{}' from beyond
    where memberships.organization_id = beyond.organization_id and memberships.id = beyond.id`.execute(db);
}
