/** A row of `channels` as the domain sees it. */
import { sql } from 'kysely';
import type { Channel } from '../../chat/channels/port.ts';
import type { ChannelRow, Queries } from './tables.ts';

/** What a thread has from its parent, and never of its own. */
export type ParentRow = Pick<ChannelRow, 'visibility' | 'posting_policy' | 'archived_at'>;

/** @param parent of a thread: its parent's row. */
export function channelOf(row: ChannelRow, parent: ParentRow = row): Channel {
  return {
    id: row.id,
    organizationId: row.organization_id,
    type: row.type,
    visibility: parent.visibility,
    postingPolicy: parent.posting_policy,
    name: row.name,
    handle: row.handle,
    topic: row.topic,
    createdAt: row.created_at,
    archivedAt: parent.archived_at,
    root: row.parent_id === null ? null : { channelId: row.parent_id, seq: Number(row.root_seq) },
  };
}

/** Channels by id, threads with what they have from their parents: one statement. */
export async function channelsByIds(
  db: Queries,
  organizationId: string,
  ids: readonly string[],
): Promise<readonly Channel[]> {
  const rows = await db
    .selectFrom('channels')
    .leftJoin('channels as parent', (join) =>
      join
        .onRef('parent.organization_id', '=', 'channels.organization_id')
        .onRef('parent.id', '=', 'channels.parent_id'),
    )
    .selectAll('channels')
    .select([
      'parent.visibility as parent_visibility',
      'parent.posting_policy as parent_policy',
      'parent.archived_at as parent_archived_at',
    ])
    .where('channels.organization_id', '=', organizationId)
    .where('channels.id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
  return rows.map(({ parent_visibility, parent_policy, parent_archived_at, ...row }) =>
    parent_visibility === null || parent_policy === null
      ? channelOf(row)
      : channelOf(row, {
          visibility: parent_visibility,
          posting_policy: parent_policy,
          archived_at: parent_archived_at,
        }),
  );
}
