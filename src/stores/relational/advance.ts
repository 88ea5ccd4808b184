/**
 * Checkpoints and affinities of many memberships, the hottest writes: one transaction that locks the rows, works out
 * their new values here, and writes those that changed with one statement. The rows are locked in the order of their
 * key: replicas that advance the same memberships in different orders would otherwise wait for each other.
 */
import { sql } from 'kysely';
import type { Membership, MembershipStore } from '../../chat/channels/port.ts';
import { withPoints } from './affinity.ts';
import type { Database } from './database.ts';
import { membershipOf } from './membership-row.ts';
import type { MembershipRow, Queries } from './tables.ts';
import { areUuids } from './uuids.ts';

export type Move = Parameters<MembershipStore['advance']>[0][number];

const keyOf = (of: { organizationId: string; channelId: string; userId: string }): string =>
  `${of.organizationId}/${of.channelId}/${of.userId}`;

/** The membership after a move; moves of one membership are applied in the order they were given. */
export function moved(membership: Membership, move: Move): Membership {
  const { checkpoint, affinity } = move;
  let to = membership.checkpoint;
  if (checkpoint !== undefined && (checkpoint.onlyFrom === undefined || checkpoint.onlyFrom === to)) {
    to = checkpoint.backward ? checkpoint.to : Math.max(to, checkpoint.to);
  }
  return {
    ...membership,
    checkpoint: to,
    ...(affinity === undefined ? {} : withPoints(membership, affinity.points, affinity.at)),
  };
}

async function locked(db: Queries, moves: readonly Move[]): Promise<readonly Membership[]> {
  const { rows } = await sql<MembershipRow>`
    select memberships.* from memberships
    join (
      select distinct organization_id, channel_id, user_id from unnest(
        ${moves.map((move) => move.organizationId)}::uuid[],
        ${moves.map((move) => move.channelId)}::uuid[],
        ${moves.map((move) => move.userId)}::uuid[]
      ) as asked (organization_id, channel_id, user_id)
    ) as asked using (organization_id, channel_id, user_id)
    order by memberships.organization_id, memberships.channel_id, memberships.user_id
    for no key update of memberships`.execute(db);
  return rows.map(membershipOf);
}

async function write(db: Queries, memberships: readonly Membership[]): Promise<void> {
  await sql`
    update memberships
    set checkpoint = moved.checkpoint, affinity = moved.affinity, affinity_at = moved.affinity_at
    from unnest(
      ${memberships.map((one) => one.organizationId)}::uuid[],
      ${memberships.map((one) => one.id)}::uuid[],
      ${memberships.map((one) => one.checkpoint)}::bigint[],
      ${memberships.map((one) => one.affinity)}::double precision[],
      ${memberships.map((one) => one.affinityAt.toISOString())}::timestamptz[]
    ) as moved (organization_id, id, checkpoint, affinity, affinity_at)
    where memberships.organization_id = moved.organization_id and memberships.id = moved.id`.execute(db);
}

export function advance(database: Database, moves: readonly Move[]): Promise<readonly (Membership | null)[]> {
  const known = moves.filter((move) => areUuids(move.organizationId, move.channelId, move.userId));
  if (known.length === 0) return Promise.resolve(moves.map(() => null));
  return database.transaction(async (db) => {
    const before = await locked(db, known);
    const now = new Map(before.map((one) => [keyOf(one), one]));
    for (const move of known) {
      const key = keyOf(move);
      const membership = now.get(key);
      if (membership !== undefined) now.set(key, moved(membership, move));
    }
    const changed = before
      .map((one) => now.get(keyOf(one)) ?? one)
      .filter((one, i) => {
        const old = before[i];
        return (
          old === undefined ||
          one.checkpoint !== old.checkpoint ||
          one.affinity !== old.affinity ||
          one.affinityAt.getTime() !== old.affinityAt.getTime()
        );
      });
    if (changed.length > 0) await write(db, changed);
    return moves.map((move) => now.get(keyOf(move)) ?? null);
  });
}
