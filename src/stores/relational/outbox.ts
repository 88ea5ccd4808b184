/**
 * The outbox: rows written in the transaction of the change they announce. Any number of sweepers may read the same
 * ones: a row's id is its send key in the change log, so that announcing it twice does no harm.
 */
import { sql } from 'kysely';
import { uuidv7 } from '../../chat/ids.ts';
import type { OutboxRow, OutboxStore } from '../../chat/outbox/port.ts';
import type { Database } from './database.ts';
import { outsideCells } from './outside-cells.ts';
import type { ChannelRow, OutboxTableRow, Queries } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';

const outboxRowOf = (row: OutboxTableRow): OutboxRow => ({
  id: row.id,
  organizationId: row.organization_id,
  channelId: row.channel_id,
  kind: row.kind,
  actorId: row.actor_id,
  userId: row.user_id,
  ...(row.thread_id === null ? {} : { thread: { channelId: row.thread_id, rootSeq: Number(row.root_seq) } }),
  createdAt: row.created_at,
});

/**
 * First of all in a transaction that will announce something: changes of one channel take turns until they commit,
 * so that positions are those of the commits. Before any row of a membership is locked, or two would wait for each
 * other. Returns the row; undefined when there is none.
 */
export async function lockChannel(
  transaction: Queries,
  { organizationId, channelId }: Pick<OutboxRow, 'organizationId' | 'channelId'>,
): Promise<ChannelRow | undefined> {
  // The lock that an update of the channel takes; it lets others refer to the row meanwhile.
  return transaction
    .selectFrom('channels')
    .selectAll()
    .where('organization_id', '=', organizationId)
    .where('id', '=', channelId)
    .forNoKeyUpdate()
    .executeTakeFirst();
}

/**
 * Announces a change, one row for each of `userIds` (null: of the channel). Call within the change's transaction,
 * which holds the channel's row.
 */
export async function announce(
  transaction: Queries,
  change: Pick<OutboxRow, 'organizationId' | 'channelId' | 'kind' | 'actorId'>,
  userIds: readonly (string | null)[],
): Promise<readonly OutboxRow[]> {
  if (userIds.length === 0) return [];
  const now = Date.now();
  const { organizationId, channelId, kind, actorId } = change;
  // Arrays, so that any number of rows is one statement of one shape.
  const { rows } = await sql<OutboxTableRow>`
    insert into outbox (id, organization_id, channel_id, kind, actor_id, user_id)
    select id, ${organizationId}::uuid, ${channelId}::uuid, ${kind}, ${actorId}::uuid, user_id
    from unnest(${userIds.map(() => uuidv7(now))}::uuid[], ${userIds}::uuid[]) as wanted (id, user_id)
    returning *`.execute(transaction);
  return rows.map(outboxRowOf);
}

/** Announces a thread in its parent's outbox. Call within the transaction that made it, which holds the parent's row. */
export async function announceThread(
  transaction: Queries,
  { organizationId, channelId, actorId }: Pick<OutboxRow, 'organizationId' | 'channelId' | 'actorId'>,
  thread: NonNullable<OutboxRow['thread']>,
): Promise<OutboxRow> {
  const row = await transaction
    .insertInto('outbox')
    .values({
      id: uuidv7(Date.now()),
      organization_id: organizationId,
      channel_id: channelId,
      kind: 'THREAD_OPENED',
      actor_id: actorId,
      user_id: null,
      thread_id: thread.channelId,
      root_seq: thread.rootSeq,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return outboxRowOf(row);
}

export const createOutboxStore = (database: Database): OutboxStore => ({
  due: (olderThanMs, limit, awayCells = []) =>
    database.run(async (db) => {
      const { rows } = await sql<OutboxTableRow>`
        select * from (
          select distinct on (organization_id, channel_id) * from outbox
          where ${outsideCells(sql.ref('organization_id'), awayCells)}
          order by organization_id, channel_id, position
        ) as first_of_each
        where created_at < now() - ${olderThanMs}::double precision * interval '1 millisecond'
        order by position limit ${limit}`.execute(db);
      return rows.map(outboxRowOf);
    }),

  open: (organizationId, channelId, limit) =>
    database.run(async (db) => {
      if (!areUuids(organizationId, channelId)) return [];
      const rows = await db
        .selectFrom('outbox')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('channel_id', '=', channelId)
        .orderBy('position')
        .limit(limit)
        .execute();
      return rows.map(outboxRowOf);
    }),

  done: (ids) =>
    database.run(async (db) => {
      const known = uuidsOf(ids);
      if (known.length === 0) return;
      await db.deleteFrom('outbox').where('id', '=', sql<string>`any(${known}::uuid[])`).execute();
    }),
});
