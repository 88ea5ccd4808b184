/** Channels: reading, paging, renaming, hints of activity. How they are made is in channel-creation.ts. */
import { sql } from 'kysely';
import type { Channel, ChannelStore } from '../../chat/channels/port.ts';
import { touchActivity } from './channel-activity.ts';
import { createChannel, openDirectMessage } from './channel-creation.ts';
import { channelOf, channelsByIds } from './channel-row.ts';
import { updateChannel } from './channel-update.ts';
import type { Database } from './database.ts';
import { type KeysetSource, keysetSlice } from './keyset.ts';
import { lookupsById } from './lookups.ts';
import { searchCondition } from './names.ts';
import { byNameKey } from './orders.ts';
import { placeLookups } from './places.ts';
import type { ChannelRow } from './tables.ts';
import { openThread } from './threads.ts';
import { areUuids, uuidsOf } from './uuids.ts';

const order = byNameKey('c1', sql.ref('name_key'));

export const createChannelStore = (database: Database): ChannelStore => ({
  ...lookupsById(database, 'channels', channelsByIds),
  // Where one process has the database it keeps rows, and mostly knows both.
  ...(database.writes === null && { placesOf: placeLookups(database) }),

  byHandle: (organizationId, handle) =>
    database.run(async (db) => {
      // DMs and threads all have the empty handle: it names none of them.
      if (handle === '' || !areUuids(organizationId)) return null;
      const row = await db
        .selectFrom('channels')
        .selectAll()
        .where('organization_id', '=', organizationId)
        .where('handle', '=', handle)
        .executeTakeFirst();
      return row === undefined ? null : channelOf(row);
    }),

  create: (input) => createChannel(database, input),
  openDirectMessage: (input) => openDirectMessage(database, input),
  openThread: (input) => openThread(database, input),
  update: (input) => updateChannel(database, input),
  touchActivity: (organizationId, at) => touchActivity(database, organizationId, at),

  pagePublic: (organizationId, page) =>
    database.run(async (db) => {
      if (!areUuids(organizationId)) return { items: [], hasNext: false, hasPrevious: false };
      const search = searchCondition(page.search);
      const source: KeysetSource = {
        columns: sql`channels.*`,
        from: sql`channels`,
        where: sql<boolean>`organization_id = ${organizationId} and type = 'CHANNEL' and visibility = 'PUBLIC'${
          search === null ? sql`` : sql` and ${search}`
        }`,
        id: sql.ref('id'),
        order,
      };
      return keysetSlice<ChannelRow, Channel>(db, source, page, (row) => channelOf(row));
    }),

  memberCounts: (organizationId, channelIds) =>
    database.run(async (db) => {
      const wanted = uuidsOf(channelIds);
      if (wanted.length === 0 || !areUuids(organizationId)) return new Map<string, number>();
      const rows = await db
        .selectFrom('memberships')
        .select((eb) => ['channel_id', eb.fn.countAll<string | number>().as('members')])
        .where('organization_id', '=', organizationId)
        .where('channel_id', '=', sql<string>`any(${wanted}::uuid[])`)
        .groupBy('channel_id')
        .execute();
      return new Map(rows.map((row) => [row.channel_id, Number(row.members)]));
    }),
});
