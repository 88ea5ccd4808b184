/** Cells: their epochs, and what a restore of one from backup puts right in the database. */
import { sql } from 'kysely';
import type { CellStore } from '../../chat/epoch/port.ts';
import type { Database } from './database.ts';
import { clampNotifications } from './notifications.ts';
import type { Queries } from './tables.ts';

export const createCellStore = (database: Database): CellStore => ({
  epochs: () =>
    database.run(async (db) => {
      const rows = await db.selectFrom('cells').select(['name', 'epoch']).execute();
      return new Map(rows.map(({ name, epoch }) => [name, epoch]));
    }),

  raiseEpoch: (cell) =>
    database.run(async (db) => {
      const raised = await db
        .updateTable('cells')
        .set({ epoch: sql`epoch + 1` })
        .where('name', '=', cell)
        .returning('epoch')
        .executeTakeFirst();
      return raised?.epoch ?? null;
    }),

  channels: (cell, after, limit) =>
    database.run(async (db) => {
      let page = db
        .selectFrom('channels')
        .innerJoin('organizations', 'organizations.id', 'channels.organization_id')
        .select(['channels.organization_id', 'channels.id', 'channels.parent_id', 'channels.root_seq'])
        .where('organizations.cell', '=', cell)
        .orderBy('channels.organization_id')
        .orderBy('channels.id')
        .limit(limit);
      if (after !== null) {
        const { organizationId, channelId } = after;
        page = page.where(
          sql<boolean>`(channels.organization_id, channels.id) > (${organizationId}::uuid, ${channelId}::uuid)`,
        );
      }
      return (await page.execute()).map(({ organization_id, id, parent_id, root_seq }) => ({
        organizationId: organization_id,
        channelId: id,
        root: parent_id === null ? null : { channelId: parent_id, seq: Number(root_seq) },
      }));
    }),

  clampCheckpoints: (heads) =>
    database.transaction(async (db) => {
      // Locked in key order first, as everybody who moves several checkpoints does: no two wait for each other.
      const { numAffectedRows = 0n } = await sql`
        with ahead as (
          select m.organization_id, m.id, wanted.head
          from unnest(
            ${heads.map(({ organizationId }) => organizationId)}::uuid[],
            ${heads.map(({ channelId }) => channelId)}::uuid[],
            ${heads.map(({ head }) => head)}::bigint[]
          ) as wanted (organization_id, channel_id, head)
          join memberships m using (organization_id, channel_id)
          where m.checkpoint > wanted.head
          order by m.organization_id, m.channel_id, m.user_id
          for update of m
        )
        update memberships set checkpoint = ahead.head from ahead
        where memberships.organization_id = ahead.organization_id and memberships.id = ahead.id`.execute(db);
      await clampNotifications(db, heads);
      return Number(numAffectedRows);
    }),

  forgetThreads: (threads) => database.transaction((db) => forgetThreads(db, threads)),
});

async function forgetThreads(db: Queries, threads: Parameters<CellStore['forgetThreads']>[0]): Promise<void> {
  const named = sql`(
    select organization_id, id from channels
    join unnest(
      ${threads.map(({ organizationId }) => organizationId)}::uuid[],
      ${threads.map(({ channelId }) => channelId)}::uuid[]
    ) as wanted (organization_id, id) using (organization_id, id)
    where type = 'THREAD'
  )`;
  // Nobody opens or follows a thread meanwhile, which needs its parent's row. In the order in which everybody locks
  // several channels, and then several memberships: no two wait for each other.
  await sql`select 1 from channels
    where (organization_id, id) in ${named} or (organization_id, id) in (
      select organization_id, parent_id from channels where (organization_id, id) in ${named}
    )
    order by organization_id, id for no key update`.execute(db);
  await sql`select 1 from memberships where (organization_id, channel_id) in ${named}
    order by organization_id, channel_id, user_id for update`.execute(db);
  await sql`delete from memberships where (organization_id, channel_id) in ${named}`.execute(db);
  // Its own changes, and what tells the root of it.
  await sql`delete from outbox
    where (organization_id, channel_id) in ${named} or (organization_id, thread_id) in ${named}`.execute(db);
  await sql`delete from channels where (organization_id, id) in ${named}`.execute(db);
}
