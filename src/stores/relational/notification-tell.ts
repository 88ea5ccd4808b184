/**
 * Making what messages give to people. The channel's row in `notified` is locked for it, so that replicas take turns at a
 * channel and what one of them has told the next passes over: repeating it does no harm, in whatever order.
 */
import { sql } from 'kysely';
import type { ChannelType } from '../../chat/channels/port.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import {
  MOST_BACK,
  type Notice,
  type NotificationStore,
  type Telling,
  type TellingOutcome,
  type Told,
} from '../../chat/notifications/port.ts';
import { knownUpTo } from '../../chat/notifications/runs.ts';
import type { Database } from './database.ts';
import { type ToldRow, toldOf } from './notification-row.ts';
import type { Queries } from './tables.ts';
import { areUuids } from './uuids.ts';

interface Place {
  readonly seq: number;
  readonly type: ChannelType;
}

const keyOf = ({ organizationId, channelId }: ChannelKey): string => `${organizationId}/${channelId}`;

/** In the order of their keys, as everybody locks several of them. */
async function lockedPlaces(
  db: Queries,
  channels: readonly ChannelKey[],
): Promise<ReadonlyMap<string, Place>> {
  const { rows } = await sql<{
    organization_id: string;
    channel_id: string;
    seq: string | number;
    type: ChannelType;
  }>`
    select notified.*, channels.type from notified
    join channels on channels.organization_id = notified.organization_id and channels.id = notified.channel_id
    join unnest(
      ${channels.map((one) => one.organizationId)}::uuid[], ${channels.map((one) => one.channelId)}::uuid[]
    ) as asked (organization_id, channel_id)
      on asked.organization_id = notified.organization_id and asked.channel_id = notified.channel_id
    order by notified.organization_id, notified.channel_id
    for no key update of notified`.execute(db);
  return new Map(
    rows.map((row) => [
      keyOf({ organizationId: row.organization_id, channelId: row.channel_id }),
      { seq: Number(row.seq), type: row.type },
    ]),
  );
}

/** Channels that were never told of begin where their first member came in; where nobody is, at the end. */
async function beginPlaces(db: Queries, tellings: readonly Telling[]): Promise<void> {
  await sql`
    insert into notified (organization_id, channel_id, seq)
    select channels.organization_id, channels.id, least(asked.up_to, coalesce(
      (select min(joined_seq) from memberships
        where memberships.organization_id = channels.organization_id and memberships.channel_id = channels.id),
      asked.up_to))
    from unnest(
      ${tellings.map((one) => one.organizationId)}::uuid[],
      ${tellings.map((one) => one.channelId)}::uuid[],
      ${tellings.map((one) => one.upTo)}::bigint[]
    ) as asked (organization_id, channel_id, up_to)
    join channels on channels.organization_id = asked.organization_id and channels.id = asked.channel_id
    order by channels.organization_id, channels.id
    on conflict do nothing`.execute(db);
}

async function movePlaces(
  db: Queries,
  moved: readonly (ChannelKey & { readonly to: number })[],
): Promise<void> {
  await sql`
    update notified set seq = moved.seq
    from unnest(
      ${moved.map((one) => one.organizationId)}::uuid[],
      ${moved.map((one) => one.channelId)}::uuid[],
      ${moved.map((one) => one.to)}::bigint[]
    ) as moved (organization_id, channel_id, seq)
    where notified.organization_id = moved.organization_id and notified.channel_id = moved.channel_id`.execute(
    db,
  );
}

type Said = ChannelKey & { readonly notice: Notice; readonly type: ChannelType };

/** Everybody who has a row without being named. */
const reasonForAll = { CHANNEL: null, DM: 'DIRECT_MESSAGE', THREAD: 'THREAD_REPLY' } as const;

const givesRows = ({ notice, type }: Said): boolean =>
  !notice.isDeleted && (type !== 'CHANNEL' || notice.mentioned.length > 0);

/** The rows that were not there before. */
async function insertRows(db: Queries, said: readonly Said[]): Promise<readonly Told[]> {
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
async function insertGroups(db: Queries, said: readonly Said[]): Promise<readonly Said[]> {
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

interface Step {
  readonly telling: Telling;
  readonly position: number | null;
  readonly said: readonly Said[];
  /** Told of further than before. */
  readonly isMoved: boolean;
}

function stepOf(telling: Telling, place: Place | undefined): Step {
  if (place === undefined) return { telling, position: null, said: [], isMoved: false };
  const from = Math.max(place.seq, telling.upTo - MOST_BACK);
  if (telling.upTo <= from) return { telling, position: from, said: [], isMoved: false };
  const notices = new Map(
    telling.notices
      .filter(({ seq }) => seq > from && seq <= telling.upTo)
      .map((notice) => [notice.seq, notice]),
  );
  // Elsewhere a message tells people whom it does not name.
  const silent = place.type === 'CHANNEL' ? (telling.silent ?? []) : [];
  if (knownUpTo(from, telling.upTo, notices, silent) < telling.upTo) {
    return { telling, position: from, said: [], isMoved: false };
  }
  const { organizationId, channelId } = telling;
  const said = [...notices.values()]
    .toSorted((a, b) => a.seq - b.seq)
    .map((notice) => ({ organizationId, channelId, notice, type: place.type }));
  return { telling, position: telling.upTo, said, isMoved: true };
}

/** Each channel at most once in a call. */
export function tell(database: Database, tellings: readonly Telling[]): Promise<readonly TellingOutcome[]> {
  const known = tellings.filter((one) => areUuids(one.organizationId, one.channelId));
  if (known.length === 0) return Promise.resolve(tellings.map(() => nothing(null)));
  return database.transaction(async (db) => {
    let places = await lockedPlaces(db, known);
    if (places.size < known.length) {
      await beginPlaces(
        db,
        known.filter((one) => !places.has(keyOf(one))),
      );
      places = await lockedPlaces(db, known);
    }
    const steps = tellings.map((telling) => stepOf(telling, places.get(keyOf(telling))));
    const said = steps.flatMap((step) => step.said);
    const told = await insertRows(db, said);
    const groups = await insertGroups(db, said);
    const moved = steps.filter((step) => step.isMoved);
    if (moved.length > 0) {
      await movePlaces(
        db,
        moved.map(({ telling }) => ({ ...telling, to: telling.upTo })),
      );
    }
    const toldIn = Map.groupBy(told, ({ notification }) => keyOf(notification));
    // In a direct conversation or a thread everybody has a row besides.
    const groupsIn = Map.groupBy(
      groups.filter(({ type }) => type === 'CHANNEL'),
      keyOf,
    );
    return steps.map(({ telling, position }) => ({
      position,
      told: toldIn.get(keyOf(telling)) ?? [],
      groups: (groupsIn.get(keyOf(telling)) ?? []).map(({ notice }) => notice),
    }));
  });
}

const nothing = (position: number | null): TellingOutcome => ({ position, told: [], groups: [] });

export function retell(
  database: Database,
  message: Parameters<NotificationStore['retell']>[0],
  now: Notice | null,
): Promise<boolean> {
  const { organizationId, channelId, seq } = message;
  if (!areUuids(organizationId, channelId)) return Promise.resolve(true);
  return database.transaction(async (db) => {
    const place = (await lockedPlaces(db, [message])).get(keyOf(message));
    if (place === undefined || place.seq < seq) return false;
    for (const table of ['notifications', 'channel_mentions'] as const) {
      await db
        .deleteFrom(table)
        .where('organization_id', '=', organizationId)
        .where('channel_id', '=', channelId)
        .where('seq', '=', String(seq))
        .execute();
    }
    if (now === null) return true;
    const said = [{ organizationId, channelId, notice: now, type: place.type }];
    await insertRows(db, said);
    await insertGroups(db, said);
    return true;
  });
}
