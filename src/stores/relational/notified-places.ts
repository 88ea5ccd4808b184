/**
 * How far each channel is told of: its row in `notified`, which is locked while its messages are told of, so that replicas
 * take turns at a channel.
 */
import { sql } from 'kysely';
import type { ChannelType } from '../../chat/channels/port.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import type { Telling } from '../../chat/notifications/port.ts';
import type { Queries } from './tables.ts';

export interface Place {
  readonly seq: number;
  readonly type: ChannelType;
}

/** Of a channel among others of a statement. */
export const keyOf = ({ organizationId, channelId }: ChannelKey): string => `${organizationId}/${channelId}`;

/** In the order of their keys, as everybody locks several of them. */
export async function lockedPlaces(
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
export async function beginPlaces(db: Queries, tellings: readonly Telling[]): Promise<void> {
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

export async function movePlaces(
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
