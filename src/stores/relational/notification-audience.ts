/**
 * Whom messages concern beside those who get a row: everybody, where a message names the whole channel, and those who
 * asked to be told of everything. Most messages are neither: where this process alone has the database it knows in which
 * channels anybody has asked, and puts no question for the others.
 */
import { type RawBuilder, sql } from 'kysely';
import type { NotificationStore, Told } from '../../chat/notifications/port.ts';
import type { Database } from './database.ts';
import type { KeptMemberships } from './kept-memberships.ts';
import { type ToldRow, toldOf } from './notification-row.ts';
import type { Queries } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';

type Said = Parameters<NotificationStore['audience']>[0];

export function audience(
  database: Database,
  kept: KeptMemberships | null,
): (messages: Said) => Promise<readonly Told[]> {
  return async (messages) => {
    const heard = kept === null ? messages : await concerning(database, kept, messages);
    const known = heard.filter((one) => areUuids(one.organizationId, one.channelId, one.notice.authorId));
    if (known.length === 0) return [];
    return database.run(async (db) => [
      ...(await toldOfThem(
        db,
        known.filter(({ isToAll }) => isToAll),
        sql<boolean>`true`,
        'MENTION',
      )),
      ...(await toldOfThem(
        db,
        known.filter(({ isToAll }) => !isToAll),
        sql<boolean>`memberships.notify_always`,
        'NOTIFY_ALWAYS',
      )),
    ]);
  };
}

/** Without messages to nobody in particular of channels where nobody has asked to be told of everything. */
async function concerning(database: Database, kept: KeptMemberships, messages: Said): Promise<Said> {
  const byOrganization = Map.groupBy(messages, ({ organizationId }) => organizationId);
  const found = await Promise.all(
    [...byOrganization].map(async ([organizationId, said]) => {
      const channelIds = uuidsOf(said.flatMap((one) => (one.isToAll ? [] : [one.channelId])));
      const listened =
        channelIds.length === 0 || !areUuids(organizationId)
          ? []
          : await kept.listened(organizationId, channelIds, (ids) =>
              database.run((db) => areListened(db, organizationId, ids)),
            );
      const heard = new Set(channelIds.filter((_, i) => listened[i]?.isListened ?? true));
      return said.filter((one) => one.isToAll || heard.has(one.channelId));
    }),
  );
  return found.flat();
}

async function areListened(
  db: Queries,
  organizationId: string,
  channelIds: readonly string[],
): Promise<readonly { readonly isListened: boolean }[]> {
  const { rows } = await sql<{ channel_id: string }>`
    select asked.channel_id from unnest(${channelIds}::uuid[]) as asked (channel_id)
    where exists (
      select from memberships where memberships.organization_id = ${organizationId}
        and memberships.channel_id = asked.channel_id and memberships.notify_always
    )`.execute(db);
  const heard = new Set(rows.map((row) => row.channel_id));
  return channelIds.map((id) => ({ isListened: heard.has(id) }));
}

async function toldOfThem(
  db: Queries,
  said: Said,
  who: RawBuilder<boolean>,
  reason: string,
): Promise<readonly Told[]> {
  if (said.length === 0) return [];
  const { rows } = await sql<ToldRow>`
    select memberships.id as id, memberships.organization_id, memberships.channel_id, said.seq,
      memberships.user_id, ${reason} as reason, said.at as created_at,
      memberships.id as membership_id, memberships.is_muted, null as parent_id
    from ${saidTable(said)}
    -- Looked up message by message and member by member: how many are said cannot be guessed, and joined by a
    -- wrong guess all memberships there are were read, and thousands of members compared with each other.
    cross join lateral (
      select * from memberships where memberships.organization_id = said.organization_id
        and memberships.channel_id = said.channel_id and ${who} offset 0
    ) as memberships
    cross join lateral (
      select from users where users.organization_id = memberships.organization_id
        and users.id = memberships.user_id and users.deactivated_at is null offset 0
    ) as active
    where not memberships.is_muted and memberships.user_id <> said.author_id
      and memberships.joined_seq < said.seq and memberships.user_id <> all (said.mentioned)
    order by said.seq`.execute(db);
  return rows.map(toldOf);
}

const saidTable = (said: Said) => {
  const rows = said.map(({ organizationId, channelId, notice }) => ({
    organization_id: organizationId,
    channel_id: channelId,
    seq: notice.seq,
    author_id: notice.authorId,
    at: new Date(notice.at).toISOString(),
    mentioned: uuidsOf(notice.mentioned),
  }));
  return sql`jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as said (
    organization_id uuid, channel_id uuid, seq bigint, author_id uuid, at timestamptz(3), mentioned uuid[])`;
};
