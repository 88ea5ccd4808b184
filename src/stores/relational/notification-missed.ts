/**
 * What told people something while they were away, asked by every client that comes back with its cursors: when an edge
 * has died, by all of its clients at the same moment. One statement for all of them, which reads what came after each
 * place and not what came in all the 90 days that are kept.
 */
import { type RawBuilder, sql } from 'kysely';
import type { NotificationStore, Told } from '../../chat/notifications/port.ts';
import type { Database } from './database.ts';
import { gathered, roundsOf } from './gathered.ts';
import { type ToldRow, toldOf } from './notification-row.ts';
import { areUuids } from './uuids.ts';

/** Who comes back with more cursors than this asks alone. */
const FEW = 50;
/**
 * Replies in threads have no place to look after: they are looked for among so many of the newest rows of their reader,
 * which an index gives.
 */
export const NEWEST_SEARCHED = 500;

interface Question {
  readonly organizationId: string;
  readonly userId: string;
  readonly after: readonly { readonly channelId: string; readonly seq: number }[];
  readonly limit: number;
}

export function missedLookups(database: Database): NotificationStore['missed'] {
  const few = gathered(roundsOf(database), (questions: readonly Question[]) => ofMany(database, questions));
  return async (organizationId, userId, after, limit) => {
    const known = after.filter(({ channelId }) => areUuids(channelId));
    if (known.length === 0 || !areUuids(organizationId, userId)) return [];
    const question = { organizationId, userId, after: known, limit };
    if (known.length <= FEW) return few(question);
    const [answer = []] = await ofMany(database, [question]);
    return answer;
  };
}

/** Places that `who` hands back, as a table. */
const asked = sql`jsonb_to_recordset(who.cursors::jsonb) as asked (channel_id uuid, seq bigint)`;

/** The membership of `who` in the channel that the row beside it names, unless it is muted. */
const loudMembership = (channelId: RawBuilder<unknown>): RawBuilder<unknown> => sql`
  join memberships on memberships.organization_id = who.organization_id and memberships.user_id = who.user_id
    and memberships.channel_id = ${channelId} and not memberships.is_muted`;

/** Rows of `who` in the channel of `memberships`; each reason has an index that leads to it. */
const ownAfter = (isMention: boolean, most: number): RawBuilder<unknown> => sql`(
  select own.id, own.seq, own.reason, own.created_at from notifications own
  where own.organization_id = memberships.organization_id and own.channel_id = memberships.channel_id
    and own.user_id = memberships.user_id
    and own.reason ${isMention ? sql`=` : sql`<>`} 'MENTION'
    and own.seq > greatest(asked.seq, memberships.checkpoint, memberships.joined_seq)
  order by own.seq desc limit ${most})`;

/** In the channels of the cursors: a direct conversation's rows, mentions of `who`, and of the whole channel. */
const inChannels = (most: number): RawBuilder<unknown> => sql`
  select told.id, memberships.organization_id, memberships.channel_id, told.seq, memberships.user_id, told.reason,
    told.created_at, memberships.id as membership_id, memberships.is_muted, null::uuid as parent_id
  from ${asked}
  join channels on channels.organization_id = who.organization_id and channels.id = asked.channel_id
    and channels.parent_id is null
  ${loudMembership(sql.ref('asked.channel_id'))}
  cross join lateral (
    ${ownAfter(true, most)} union all ${ownAfter(false, most)} union all (
      select common.id, common.seq, 'MENTION', common.created_at from channel_mentions common
      where common.organization_id = memberships.organization_id and common.channel_id = memberships.channel_id
        and common.seq > greatest(asked.seq, memberships.checkpoint, memberships.joined_seq)
        and common.kind <> 'HERE' and common.author_id <> memberships.user_id
        and not exists (
          select from notifications own where own.organization_id = common.organization_id
            and own.channel_id = common.channel_id and own.seq = common.seq and own.user_id = memberships.user_id
        )
      order by common.seq desc limit ${most})
  ) as told`;

/** In their threads, where everybody has rows of their own. */
const inThreads = sql`
  select newest.id, newest.organization_id, newest.channel_id, newest.seq, newest.user_id, newest.reason,
    newest.created_at, memberships.id, memberships.is_muted, channels.parent_id
  from (
    select * from notifications own
    where own.organization_id = who.organization_id and own.user_id = who.user_id
    order by own.created_at desc, own.id desc limit ${NEWEST_SEARCHED}
  ) as newest
  join channels on channels.organization_id = newest.organization_id and channels.id = newest.channel_id
  join ${asked} on asked.channel_id = channels.parent_id
  ${loudMembership(sql.ref('newest.channel_id'))}
  where newest.seq > greatest(memberships.checkpoint, memberships.joined_seq)`;

async function ofMany(
  database: Database,
  questions: readonly Question[],
): Promise<readonly (readonly Told[])[]> {
  const most = questions.reduce((longest, { limit }) => Math.max(longest, limit), 0);
  const cursors = questions.map(({ after }) =>
    JSON.stringify(after.map(({ channelId, seq }) => ({ channel_id: channelId, seq }))),
  );
  const { rows } = await database.run((db) =>
    sql<ToldRow & { n: number }>`
      select who.n, missed.*
      from unnest(
        ${questions.map((_, i) => i)}::int[],
        ${questions.map(({ organizationId }) => organizationId)}::uuid[],
        ${questions.map(({ userId }) => userId)}::uuid[],
        ${cursors}::text[]
      ) as who (n, organization_id, user_id, cursors)
      cross join lateral (
        select * from (${inChannels(most)} union all ${inThreads}) as told
        order by told.created_at desc, told.id desc
        limit ${most}
      ) as missed
      order by who.n, missed.created_at desc, missed.id desc`.execute(db),
  );
  const byQuestion = Map.groupBy(rows, ({ n }) => n);
  return questions.map(({ limit }, n) => (byQuestion.get(n) ?? []).slice(0, limit).map(toldOf).toReversed());
}
