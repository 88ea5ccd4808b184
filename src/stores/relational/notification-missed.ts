/**
 * What told people something while they were away, asked by every client that comes back with its cursors: when an edge
 * has died, by all of its clients at the same moment. One statement for all of them.
 */
import { sql } from 'kysely';
import type { NotificationStore, Told } from '../../chat/notifications/port.ts';
import type { Database } from './database.ts';
import { gathered, roundsOf } from './gathered.ts';
import { type ToldRow, toldOf, toldTo } from './notification-row.ts';
import { areUuids } from './uuids.ts';

/** Who comes back with more cursors than this asks alone. */
const FEW = 50;

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
        select told.*, channels.parent_id from ${toldTo(sql.ref('who.organization_id'), sql.ref('who.user_id'))}
        join channels on channels.organization_id = told.organization_id and channels.id = told.channel_id
        join jsonb_to_recordset(who.cursors::jsonb) as asked (channel_id uuid, seq bigint)
          on asked.channel_id = coalesce(channels.parent_id, told.channel_id)
        where told.seq > told.checkpoint and not told.is_muted and told.kind <> 'HERE'
          and (channels.parent_id is not null or told.seq > asked.seq)
        order by told.created_at desc, told.id desc
        limit ${most}
      ) as missed
      order by who.n, missed.created_at desc, missed.id desc`.execute(db),
  );
  const byQuestion = Map.groupBy(rows, ({ n }) => n);
  return questions.map(({ limit }, n) => (byQuestion.get(n) ?? []).slice(0, limit).map(toldOf).toReversed());
}
