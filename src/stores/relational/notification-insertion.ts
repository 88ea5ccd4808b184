/** What messages give to people, as rows: one for each who is told, one for a mention of a whole channel. */
import { sql } from 'kysely';
import type { ChannelType } from '../../chat/channels/port.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import type { Notice, Told } from '../../chat/notifications/port.ts';
import { type ToldRow, toldOf } from './notification-row.ts';
import { keyOf } from './notified-places.ts';
import type { Queries } from './tables.ts';
import { areUuids } from './uuids.ts';

/** A message and the channel that it was said in. */
export type Said = ChannelKey & { readonly notice: Notice; readonly type: ChannelType };

/** Everybody who has a row without being named. */
const reasonForAll = { CHANNEL: null, DM: 'DIRECT_MESSAGE', THREAD: 'THREAD_REPLY' } as const;

const givesRows = ({ notice, type }: Said): boolean =>
  !notice.isDeleted && (type !== 'CHANNEL' || notice.mentioned.length > 0);

/** The rows that were not there before. */
export async function insertRows(db: Queries, said: readonly Said[]): Promise<readonly Told[]> {
  const asked = said.filter(givesRows).map(({ organizationId, channelId, notice, type }) => ({
    organization_id: organizationId,
    channel_id: channelId,
    seq: notice.seq,
    author_id: notice.authorId,
    at: new Date(notice.at).toISOString(),
    mentioned: notice.mentioned.filter((id) => areUuids(id)),
    everybody: reasonForAll[type],
  }));
  if (asked.length === 0) return [];
  const { rows } = await sql<ToldRow>`
    with asked as (
      select * from jsonb_to_recordset(${JSON.stringify(asked)}::jsonb) as asked (
        organization_id uuid, channel_id uuid, seq bigint, author_id uuid, at timestamptz, mentioned uuid[], everybody text
      )
    ), meant as (
      select asked.*, named.user_id, 'MENTION' as reason, 1 as rank
      from asked cross join lateral unnest(asked.mentioned) as named (user_id)
      union all
      select asked.*, memberships.user_id, asked.everybody, 2
      from asked join memberships using (organization_id, channel_id) where asked.everybody is not null
    ), chosen as (
      select distinct on (organization_id, channel_id, seq, user_id) * from meant
      order by organization_id, channel_id, seq, user_id, rank
    ), made as (
      insert into notifications (organization_id, channel_id, seq, user_id, id, reason, created_at)
      select chosen.organization_id, chosen.channel_id, chosen.seq, chosen.user_id,
        (lpad(to_hex(chosen.seq), 16, '0') || left(md5(chosen.channel_id::text), 16))::uuid, chosen.reason, chosen.at
      from chosen
      join memberships using (organization_id, channel_id, user_id)
      join users on users.organization_id = chosen.organization_id and users.id = chosen.user_id
        and users.deactivated_at is null
      where chosen.user_id <> chosen.author_id and memberships.joined_seq < chosen.seq
      order by chosen.organization_id, chosen.channel_id, chosen.seq, chosen.user_id
      on conflict do nothing
      returning *
    )
    select made.*, memberships.id as membership_id, memberships.is_muted, channels.parent_id
    from made
    join memberships using (organization_id, channel_id, user_id)
    join channels on channels.organization_id = made.organization_id and channels.id = made.channel_id
    order by made.seq`.execute(db);
  return rows.map(toldOf);
}

/** Numbers of those that were not there before. */
export async function insertGroups(db: Queries, said: readonly Said[]): Promise<readonly Said[]> {
  const groups = said.filter(({ notice }) => notice.group !== null);
  if (groups.length === 0) return [];
  const { rows } = await sql<{ organization_id: string; channel_id: string; seq: string | number }>`
    insert into channel_mentions (organization_id, channel_id, seq, id, author_id, kind, created_at)
    select organization_id, channel_id, seq,
      (lpad(to_hex(seq), 16, '0') || left(md5(channel_id::text), 16))::uuid, author_id, kind, at
    from unnest(
      ${groups.map((one) => one.organizationId)}::uuid[],
      ${groups.map((one) => one.channelId)}::uuid[],
      ${groups.map((one) => one.notice.seq)}::bigint[],
      ${groups.map((one) => one.notice.authorId)}::uuid[],
      ${groups.map((one) => one.notice.group)}::text[],
      ${groups.map((one) => new Date(one.notice.at).toISOString())}::timestamptz[]
    ) as said (organization_id, channel_id, seq, author_id, kind, at)
    on conflict do nothing
    returning organization_id, channel_id, seq`.execute(db);
  const made = new Set(rows.map((row) => `${row.organization_id}/${row.channel_id}/${Number(row.seq)}`));
  return groups.filter((one) => made.has(`${keyOf(one)}/${one.notice.seq}`));
}
