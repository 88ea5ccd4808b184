/** Whose membership in what, asked by everybody who sends or reads: one statement for all who ask at the same moment. */
import { sql } from 'kysely';
import type { Membership, MembershipStore } from '../../chat/channels/port.ts';
import type { Database } from './database.ts';
import { gathered, roundsOf } from './gathered.ts';
import type { KeptMemberships } from './kept-memberships.ts';
import { membershipOf } from './membership-row.ts';
import type { MembershipRow } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';

/** Who asks for more than this asks alone: a whole sidebar is not one of many small questions. */
const FEW = 20;

interface Question {
  readonly organizationId: string;
  readonly userId: string;
  readonly channelIds: readonly string[];
}

const keyOf = (organizationId: string, userId: string): string => `${organizationId}/${userId}`;

export function membershipLookups(
  database: Database,
  kept: KeptMemberships | null,
): MembershipStore['ofUser'] {
  const few = gathered(roundsOf(database), (questions: readonly Question[]) => ofMany(database, questions));
  const read = async (question: Question): Promise<readonly Membership[]> => {
    if (question.channelIds.length <= FEW) return few(question);
    const [answer = []] = await ofMany(database, [question]);
    return answer;
  };
  return async (organizationId, userId, channelIds) => {
    const wanted = uuidsOf(channelIds);
    if (wanted.length === 0 || !areUuids(organizationId, userId)) return [];
    if (kept === null) return read({ organizationId, userId, channelIds: wanted });
    const memberships = await kept.ofUser(organizationId, userId, wanted, async (channelIds) => {
      const found = await read({ organizationId, userId, channelIds });
      const byChannel = new Map(found.map((membership) => [membership.channelId, membership]));
      return channelIds.map((id) => byChannel.get(id) ?? null);
    });
    return memberships.filter((membership) => membership !== null);
  };
}

async function ofMany(
  database: Database,
  questions: readonly Question[],
): Promise<readonly (readonly Membership[])[]> {
  const pairs = questions.flatMap(({ channelIds, ...whose }) =>
    channelIds.map((channelId) => ({ ...whose, channelId })),
  );
  const rows = await database.run(async (db) => {
    const found = await sql<MembershipRow>`
      select memberships.* from memberships
      join (
        select distinct organization_id, channel_id, user_id from unnest(
          ${pairs.map((pair) => pair.organizationId)}::uuid[],
          ${pairs.map((pair) => pair.channelId)}::uuid[],
          ${pairs.map((pair) => pair.userId)}::uuid[]
        ) as asked (organization_id, channel_id, user_id)
      ) as asked using (organization_id, channel_id, user_id)`.execute(db);
    return found.rows.map(membershipOf);
  });
  if (questions.length === 1) return [rows];
  const byPerson = Map.groupBy(rows, ({ organizationId, userId }) => keyOf(organizationId, userId));
  return questions.map(({ organizationId, userId, channelIds }) => {
    const asked = new Set(channelIds);
    const found = byPerson.get(keyOf(organizationId, userId)) ?? [];
    return found.filter(({ channelId }) => asked.has(channelId));
  });
}
