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

/** Of a join with the thread's parent; all are null for what is no thread. */
export const PARENT_COLUMNS = sql`parent.visibility as parent_visibility, parent.posting_policy as parent_policy,
  parent.archived_at as parent_archived_at`;

export interface ChannelAndParentRow extends ChannelRow {
  readonly parent_visibility: ChannelRow['visibility'] | null;
  readonly parent_policy: ChannelRow['posting_policy'] | null;
  readonly parent_archived_at: Date | null;
}

export const channelAndParentOf = (row: ChannelAndParentRow): Channel =>
  row.parent_visibility === null || row.parent_policy === null
    ? channelOf(row)
    : channelOf(row, {
        visibility: row.parent_visibility,
        posting_policy: row.parent_policy,
        archived_at: row.parent_archived_at,
      });

/** Channels by id, threads with what they have from their parents: one statement. */
export async function channelsByIds(
  db: Queries,
  organizationId: string,
  ids: readonly string[],
): Promise<readonly Channel[]> {
  const { rows } = await sql<ChannelAndParentRow>`
    select channels.*, ${PARENT_COLUMNS} from channels
    left join channels as parent
      on parent.organization_id = channels.organization_id and parent.id = channels.parent_id
    where channels.organization_id = ${organizationId} and channels.id = any(${ids}::uuid[])`.execute(db);
  return rows.map(channelAndParentOf);
}
