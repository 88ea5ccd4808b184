/**
 * Where does this person stand in these channels: the channels with the person's memberships in them, and in the parents of
 * threads. Every send and every page asks that of a database that replicas share. Asked for one by one it is two
 * statements, three for threads, and the answer one of several moments.
 */
import { sql } from 'kysely';
import type { ChannelPlace, ChannelStore } from '../../chat/channels/port.ts';
import { type ChannelAndParentRow, channelAndParentOf, PARENT_COLUMNS } from './channel-row.ts';
import type { Database } from './database.ts';
import { gathered, roundsOf } from './gathered.ts';
import { membershipOf, type PlainMembershipRow } from './membership-row.ts';
import type { Queries } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';

/** Who asks for more than this asks alone: a whole sidebar is not one of many small questions. */
const FEW = 20;

interface Question {
  readonly organizationId: string;
  readonly userId: string;
  readonly channelIds: readonly string[];
}

/** A row of each membership, and one with nulls for who has none. */
type Row = ChannelAndParentRow & { readonly asker: string } & (
    | { readonly [Column in keyof PlainMembershipRow as `my_${Column}`]: PlainMembershipRow[Column] }
    | { readonly my_id: null }
  );

/** All that `ChannelStore.placesOf` says; for a database that replicas share. */
export function placeLookups(database: Database): NonNullable<ChannelStore['placesOf']> {
  const ask = (questions: readonly Question[]): Promise<readonly (readonly ChannelPlace[])[]> =>
    database.run((db) => answersOf(db, questions));
  const few = gathered(roundsOf(database), ask);
  return async (organizationId, userId, channelIds) => {
    const wanted = uuidsOf(channelIds);
    if (wanted.length === 0 || !areUuids(organizationId, userId)) return [];
    const question = { organizationId, userId, channelIds: wanted };
    if (wanted.length <= FEW) return few(question);
    const [answer = []] = await ask([question]);
    return answer;
  };
}

const keyOf = (organizationId: string, userId: string, channelId: string): string =>
  `${organizationId}/${userId}/${channelId}`;

async function answersOf(
  db: Queries,
  questions: readonly Question[],
): Promise<readonly (readonly ChannelPlace[])[]> {
  const asked = questions.flatMap(({ channelIds, ...whose }) =>
    channelIds.map((channelId) => ({ ...whose, channelId })),
  );
  // `= any(array[…])`: of `in (…)` the planner makes an `or`, and reads all memberships of the person instead of one or two.
  const { rows } = await sql<Row>`
    select asked.user_id as asker, channels.*, ${PARENT_COLUMNS},
      mine.id as my_id, mine.organization_id as my_organization_id, mine.channel_id as my_channel_id,
      mine.user_id as my_user_id, mine.role as my_role, mine.joined_at as my_joined_at,
      mine.affinity as my_affinity, mine.affinity_at as my_affinity_at, mine.is_muted as my_is_muted,
      mine.notify_always as my_notify_always, mine.checkpoint as my_checkpoint
    from (
      select distinct organization_id, channel_id, user_id from unnest(
        ${asked.map((one) => one.organizationId)}::uuid[],
        ${asked.map((one) => one.channelId)}::uuid[],
        ${asked.map((one) => one.userId)}::uuid[]
      ) as asked (organization_id, channel_id, user_id)
    ) as asked
    join channels on channels.organization_id = asked.organization_id and channels.id = asked.channel_id
    left join channels as parent
      on parent.organization_id = channels.organization_id and parent.id = channels.parent_id
    left join memberships as mine
      on mine.organization_id = asked.organization_id and mine.user_id = asked.user_id
      and mine.channel_id = any(array[channels.id, channels.parent_id])`.execute(db);
  const places = new Map<string, ChannelPlace>();
  for (const row of rows) {
    const key = keyOf(row.organization_id, row.asker, row.id);
    const place = places.get(key) ?? {
      channel: channelAndParentOf(row),
      membership: null,
      parentMembership: null,
    };
    places.set(key, row.my_id === null ? place : withMembership(place, membershipFrom(row)));
  }
  return questions.map(({ organizationId, userId, channelIds }) =>
    channelIds.flatMap((id) => places.get(keyOf(organizationId, userId, id)) ?? []),
  );
}

const withMembership = (place: ChannelPlace, membership: ChannelPlace['membership']): ChannelPlace =>
  membership?.channelId === place.channel.id
    ? { ...place, membership }
    : { ...place, parentMembership: membership };

const membershipFrom = (row: Exclude<Row, { readonly my_id: null }>) =>
  membershipOf({
    id: row.my_id,
    organization_id: row.my_organization_id,
    channel_id: row.my_channel_id,
    user_id: row.my_user_id,
    role: row.my_role,
    joined_at: row.my_joined_at,
    affinity: row.my_affinity,
    affinity_at: row.my_affinity_at,
    is_muted: row.my_is_muted,
    notify_always: row.my_notify_always,
    checkpoint: row.my_checkpoint,
  });
