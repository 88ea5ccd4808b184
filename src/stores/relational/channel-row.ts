/** A row of `channels` as the domain sees it. */
import type { Channel } from '../../chat/channels/port.ts';
import type { ChannelRow } from './tables.ts';

export const channelOf = (row: ChannelRow): Channel => ({
  id: row.id,
  organizationId: row.organization_id,
  type: row.type,
  visibility: row.visibility,
  postingPolicy: row.posting_policy,
  name: row.name,
  handle: row.handle,
  topic: row.topic,
  createdAt: row.created_at,
  archivedAt: row.archived_at,
  // No channel is a thread yet.
  root: null,
});
