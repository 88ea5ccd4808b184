/** Channels of people's sidebars, asked by every subscription that begins: one statement for all of one moment. */
import { sql } from 'kysely';
import type { MembershipStore } from '../../chat/channels/port.ts';
import type { Database } from './database.ts';
import { gathered, roundsOf } from './gathered.ts';
import { areUuids } from './uuids.ts';

interface Question {
  readonly organizationId: string;
  readonly userId: string;
}

interface Row {
  readonly organization_id: string;
  readonly user_id: string;
  readonly channel_id: string;
}

export function channelIdsLookups(database: Database): MembershipStore['channelIdsOf'] {
  const ask = gathered(roundsOf(database), (questions: readonly Question[]) => ofMany(database, questions));
  return async (organizationId, userId) =>
    areUuids(organizationId, userId) ? ask({ organizationId, userId }) : [];
}

async function ofMany(
  database: Database,
  questions: readonly Question[],
): Promise<readonly (readonly string[])[]> {
  const { rows } = await database.run((db) =>
    sql<Row>`
      select memberships.organization_id, memberships.user_id, memberships.channel_id
      from (
        select distinct organization_id, user_id from unnest(
          ${questions.map((one) => one.organizationId)}::uuid[],
          ${questions.map((one) => one.userId)}::uuid[]
        ) as asked (organization_id, user_id)
      ) as asked
      join memberships using (organization_id, user_id)
      join channels on channels.organization_id = memberships.organization_id
        and channels.id = memberships.channel_id
      where channels.type in ('CHANNEL', 'DM')`.execute(db),
  );
  const byPerson = Map.groupBy(rows, (row) => keyOf(row.organization_id, row.user_id));
  return questions.map(({ organizationId, userId }) =>
    (byPerson.get(keyOf(organizationId, userId)) ?? []).map((row) => row.channel_id),
  );
}

const keyOf = (organizationId: string, userId: string): string => `${organizationId}/${userId}`;
