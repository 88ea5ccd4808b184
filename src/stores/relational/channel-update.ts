/** Changing a channel, with the outbox row that announces it. */
import { sql } from 'kysely';
import type { ChannelStore } from '../../chat/channels/port.ts';
import { channelOf } from './channel-row.ts';
import type { Database } from './database.ts';
import { nameKey } from './names.ts';
import { announce } from './outbox.ts';
import { areUuids } from './uuids.ts';

type Input = Parameters<ChannelStore['update']>[0];

export function updateChannel(database: Database, input: Input): ReturnType<ChannelStore['update']> {
  const { organizationId, channelId, actorId } = input;
  return database.transaction(async (db) => {
    if (!areUuids(organizationId, channelId)) return null;
    // Held until the commit: changes of one channel take turns, as the outbox wants it.
    const found = await db
      .selectFrom('channels')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('id', '=', channelId)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (found === undefined) return null;
    const { name = found.name, topic = found.topic, postingPolicy = found.posting_policy } = input;
    const wasArchived = found.archived_at !== null;
    const { isArchived = wasArchived } = input;
    const isSame =
      name === found.name &&
      topic === found.topic &&
      postingPolicy === found.posting_policy &&
      isArchived === wasArchived;
    if (isSame) return { channel: channelOf(found), outbox: null };
    const changed = await db
      .updateTable('channels')
      .set({
        name,
        name_key: nameKey(name),
        topic,
        posting_policy: postingPolicy,
        // The first instant stays: archiving what is archived is no change.
        archived_at: isArchived ? sql<Date>`coalesce(archived_at, now())` : null,
      })
      .where('organization_id', '=', organizationId)
      .where('id', '=', channelId)
      .returningAll()
      .executeTakeFirstOrThrow();
    const [outbox = null] = await announce(
      db,
      { organizationId, channelId, kind: 'CHANNEL_UPDATED', actorId },
      [null],
    );
    return { channel: channelOf(changed), outbox };
  });
}
