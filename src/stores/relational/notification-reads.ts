/** What was told to one user: counts, pages, what came while they were away. */
import { sql } from 'kysely';
import type { NotificationStore } from '../../chat/notifications/port.ts';
import type { Database } from './database.ts';
import { missedLookups } from './notification-missed.ts';
import { notificationPage } from './notification-page.ts';
import { type NotificationRow, notificationOf } from './notification-row.ts';
import { areUuids } from './uuids.ts';

/** Of the membership in the row `memberships`: rows of their own, and mentions of the channel that are not among them. */
const mentionsOfMembership = sql<number>`(
  (select count(*) from notifications own
    where own.organization_id = memberships.organization_id and own.user_id = memberships.user_id
      and own.channel_id = memberships.channel_id and own.reason = 'MENTION'
      and own.seq > greatest(memberships.checkpoint, memberships.joined_seq))
  + (select count(*) from channel_mentions common
    where common.organization_id = memberships.organization_id and common.channel_id = memberships.channel_id
      and common.seq > greatest(memberships.checkpoint, memberships.joined_seq)
      and common.author_id <> memberships.user_id
      and not exists (
        select from notifications own where own.organization_id = common.organization_id
          and own.channel_id = common.channel_id and own.seq = common.seq
          and own.user_id = memberships.user_id and own.reason = 'MENTION'
      ))
)::double precision`;

type Reads = Pick<NotificationStore, 'mentionCounts' | 'mentionTotal' | 'page' | 'ofMessages' | 'missed'>;

export const notificationReads = (database: Database): Reads => ({
  mentionCounts: (organizationId, places) =>
    database.run(async (db) => {
      const known = places.filter(({ userId, channelId }) => areUuids(userId, channelId));
      if (known.length === 0 || !areUuids(organizationId)) return places.map(() => 0);
      const { rows } = await sql<{ user_id: string; channel_id: string; mentions: number }>`
        select memberships.user_id, memberships.channel_id, ${mentionsOfMembership} as mentions
        from (
          select distinct * from unnest(
            ${known.map((one) => one.userId)}::uuid[], ${known.map((one) => one.channelId)}::uuid[]
          ) as asked (user_id, channel_id)
        ) as asked
        join memberships on memberships.organization_id = ${organizationId}
          and memberships.user_id = asked.user_id and memberships.channel_id = asked.channel_id`.execute(db);
      const counts = new Map(rows.map((row) => [`${row.user_id}/${row.channel_id}`, row.mentions]));
      return places.map(({ userId, channelId }) => counts.get(`${userId}/${channelId}`) ?? 0);
    }),

  mentionTotal: (organizationId, userId) =>
    database.run(async (db) => {
      if (!areUuids(organizationId, userId)) return 0;
      const { rows } = await sql<{ mentions: number | null }>`
        select sum(${mentionsOfMembership}) as mentions
        from memberships
        join channels on channels.organization_id = memberships.organization_id
          and channels.id = memberships.channel_id
        where memberships.organization_id = ${organizationId} and memberships.user_id = ${userId}
          and not memberships.is_muted and channels.type in ('CHANNEL', 'DM')`.execute(db);
      return rows[0]?.mentions ?? 0;
    }),

  page: (organizationId, userId, page) => notificationPage(database, organizationId, userId, page),

  ofMessages: (organizationId, userId, messages) =>
    database.run(async (db) => {
      const known = messages.filter(({ channelId }) => areUuids(channelId));
      if (known.length === 0 || !areUuids(organizationId, userId)) return [];
      // Place by place, each by its key: whoever is alerted asks this of one message, and has months of others.
      const { rows } = await sql<NotificationRow>`
        select told.id, memberships.organization_id, memberships.channel_id, told.seq, memberships.user_id,
          told.reason, told.created_at
        from ${placesOf(known)} as asked (channel_id, seq)
        join memberships on memberships.organization_id = ${organizationId}
          and memberships.user_id = ${userId} and memberships.channel_id = asked.channel_id
          and asked.seq > memberships.joined_seq
        cross join lateral (
          select own.id, own.seq, own.reason, own.created_at, 0 as rank from notifications own
          where own.organization_id = memberships.organization_id
            and own.channel_id = memberships.channel_id and own.seq = asked.seq
            and own.user_id = memberships.user_id
          union all
          select common.id, common.seq, 'MENTION', common.created_at, 1 from channel_mentions common
          where common.organization_id = memberships.organization_id
            and common.channel_id = memberships.channel_id and common.seq = asked.seq
            and common.author_id <> memberships.user_id
          order by rank limit 1
        ) as told`.execute(db);
      return rows.map(notificationOf);
    }),

  missed: missedLookups(database),
});

const placesOf = (places: readonly { readonly channelId: string; readonly seq: number }[]) => sql`unnest(
  ${places.map((one) => one.channelId)}::uuid[], ${places.map((one) => one.seq)}::bigint[])`;
