/** The list of what told one user something, in pages, newest first. */
import { type RawBuilder, sql } from 'kysely';
import type { Notification } from '../../chat/notifications/port.ts';
import type { KeysetPage, KeysetSlice } from '../../chat/people/port.ts';
import type { Database } from './database.ts';
import { type KeysetPart, type KeysetSource, keysetSlice } from './keyset.ts';
import { type NotificationRow, notificationOf } from './notification-row.ts';
import { byInstant } from './orders.ts';
import { areUuids } from './uuids.ts';

const none: KeysetSlice<Notification> = { items: [], hasNext: false, hasPrevious: false };

export function notificationPage(
  database: Database,
  organizationId: string,
  userId: string,
  page: KeysetPage,
): Promise<KeysetSlice<Notification>> {
  const source: KeysetSource = {
    columns: sql`told.*`,
    from: (part) => toldTo(organizationId, userId, part),
    where: sql<boolean>`true`,
    id: sql.ref('told.id'),
    order: byInstant('nn1', sql.ref('told.created_at'), true),
  };
  return database.run(async (db) =>
    areUuids(organizationId, userId)
      ? keysetSlice<NotificationRow, Notification>(db, source, page, notificationOf)
      : none,
  );
}

/**
 * Rows of their own, and mentions of whole channels that they are in, as a table `told`. Never of before they came in, of
 * channels that they have left or muted, or of what they said themselves; a message that did both once. No more of either,
 * and of each channel, than the page may need: of 90 days there may be very many.
 */
const toldTo = (
  organizationId: string,
  userId: string,
  { within, direction, limit }: KeysetPart,
): RawBuilder<unknown> => sql`(
  (select own.id, own.organization_id, own.channel_id, own.seq, own.user_id, own.reason, own.created_at
    from notifications own
    cross join lateral (
      select from memberships where memberships.organization_id = own.organization_id
        and memberships.user_id = own.user_id and memberships.channel_id = own.channel_id
        and own.seq > memberships.joined_seq and not memberships.is_muted offset 0
    ) as loud
    where own.organization_id = ${organizationId} and own.user_id = ${userId}
      and ${within(sql.ref('own.created_at'), sql.ref('own.id'))}
    order by own.created_at ${direction}, own.id ${direction} limit ${limit})
  union all
  select common.id, memberships.organization_id, memberships.channel_id, common.seq, memberships.user_id, 'MENTION',
    common.created_at
  from memberships
  cross join lateral (
    select said.id, said.seq, said.created_at from channel_mentions said
    where said.organization_id = memberships.organization_id and said.channel_id = memberships.channel_id
      and said.seq > memberships.joined_seq and said.author_id <> memberships.user_id
      and not exists (
        select from notifications own where own.organization_id = said.organization_id
          and own.channel_id = said.channel_id and own.seq = said.seq and own.user_id = memberships.user_id
      )
      and ${within(sql.ref('said.created_at'), sql.ref('said.id'))}
    -- Within a channel numbers, times and ids have one order, and numbers an index.
    order by said.seq ${direction} limit ${limit}
  ) as common
  where memberships.organization_id = ${organizationId} and memberships.user_id = ${userId}
    and not memberships.is_muted
) as told`;
