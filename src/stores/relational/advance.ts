/**
 * Checkpoints and affinities of many memberships, the hottest writes: one transaction that locks the rows, works out
 * their new values here, and writes those that changed with one statement. The rows are locked in the order of their
 * key: replicas that advance the same memberships in different orders would otherwise wait for each other.
 */
import { sql } from 'kysely';
import type { Membership, MembershipStore } from '../../chat/channels/port.ts';
import { withPoints } from './affinity.ts';
import type { Database } from './database.ts';
import type { KeptMemberships } from './kept-memberships.ts';
import { membershipOf } from './membership-row.ts';
import type { MembershipRow, Queries } from './tables.ts';
import { areUuids } from './uuids.ts';

export type Move = Parameters<MembershipStore['advance']>[0][number];

const keyOf = (of: { organizationId: string; channelId: string; userId: string }): string =>
  `${of.organizationId}/${of.channelId}/${of.userId}`;

/** A membership, and own sends noted ahead of those before them: ascending, all beyond the checkpoint. */
interface Place {
  readonly membership: Membership;
  readonly joined: number;
  readonly ownAhead: readonly number[];
}

/** Own sends are noted out of order by less than a second, from several devices on several replicas: no more wait. */
const MOST_AHEAD = 64;

type CheckpointMove = NonNullable<Move['checkpoint']>;

/**
 * An own send moves the checkpoint from the number before it. One that is noted before an earlier one of theirs waits
 * here, and is passed with that one; a foreign message between them is passed by nobody but who reads it.
 */
function afterOwnSend(place: Place, own: number, onlyFrom: number): Pick<Place, 'ownAhead'> & { to: number } {
  const { membership, ownAhead } = place;
  const { checkpoint } = membership;
  if (onlyFrom !== checkpoint) {
    const isAhead = own > checkpoint && own === onlyFrom + 1 && !ownAhead.includes(own);
    const waiting = isAhead ? [...ownAhead, own].toSorted((a, b) => a - b).slice(-MOST_AHEAD) : ownAhead;
    return { to: checkpoint, ownAhead: waiting };
  }
  let to = Math.max(checkpoint, own);
  for (const next of ownAhead) if (next === to + 1) to = next;
  return { to, ownAhead };
}

function readTo(
  { checkpoint }: Membership,
  {
    to,
    backward,
    onlyFrom = checkpoint,
  }: Pick<CheckpointMove, 'to' | 'backward'> & { onlyFrom: number | undefined },
): number {
  if (onlyFrom !== checkpoint) return checkpoint;
  return backward ? to : Math.max(checkpoint, to);
}

function withCheckpoint(place: Place, { to, backward, onlyFrom, isJoining }: CheckpointMove): Place {
  const { membership } = place;
  const reached =
    onlyFrom === undefined || backward
      ? { to: readTo(membership, { to, backward, onlyFrom }), ownAhead: place.ownAhead }
      : afterOwnSend(place, to, onlyFrom);
  return {
    membership: { ...membership, checkpoint: reached.to },
    joined: isJoining === true ? Math.max(place.joined, reached.to) : place.joined,
    ownAhead: reached.ownAhead.filter((own) => own > reached.to),
  };
}

/** The place after a move; moves of one membership are applied in the order they were given. */
function moved(place: Place, { checkpoint, affinity }: Move): Place {
  const after = checkpoint === undefined ? place : withCheckpoint(place, checkpoint);
  if (affinity === undefined) return after;
  const { membership } = after;
  return { ...after, membership: { ...membership, ...withPoints(membership, affinity.points, affinity.at) } };
}

const isSame = (a: Place, b: Place): boolean =>
  a.membership.checkpoint === b.membership.checkpoint &&
  a.membership.affinity === b.membership.affinity &&
  a.membership.affinityAt.getTime() === b.membership.affinityAt.getTime() &&
  a.joined === b.joined &&
  a.ownAhead.join() === b.ownAhead.join();

async function locked(db: Queries, moves: readonly Move[]): Promise<readonly Place[]> {
  // Each once: a busy sender has dozens of moves in a batch.
  const asked = [...new Map(moves.map((move) => [keyOf(move), move])).values()];
  const { rows } = await sql<MembershipRow>`
    select memberships.* from memberships
    join unnest(
      ${asked.map((move) => move.organizationId)}::uuid[],
      ${asked.map((move) => move.channelId)}::uuid[],
      ${asked.map((move) => move.userId)}::uuid[]
    ) as asked (organization_id, channel_id, user_id) using (organization_id, channel_id, user_id)
    order by memberships.organization_id, memberships.channel_id, memberships.user_id
    for no key update of memberships`.execute(db);
  return rows.map((row) => ({
    membership: membershipOf(row),
    joined: Number(row.joined_seq),
    ownAhead: row.own_ahead.map(Number),
  }));
}

async function write(db: Queries, places: readonly Place[]): Promise<void> {
  const memberships = places.map((place) => place.membership);
  await sql`
    update memberships
    set checkpoint = moved.checkpoint, affinity = moved.affinity, affinity_at = moved.affinity_at,
      joined_seq = moved.joined_seq, own_ahead = moved.own_ahead::bigint[]
    from unnest(
      ${memberships.map((one) => one.organizationId)}::uuid[],
      ${memberships.map((one) => one.id)}::uuid[],
      ${memberships.map((one) => one.checkpoint)}::bigint[],
      ${memberships.map((one) => one.affinity)}::double precision[],
      ${memberships.map((one) => one.affinityAt.toISOString())}::timestamptz[],
      ${places.map((one) => one.joined)}::bigint[],
      ${places.map((one) => `{${one.ownAhead.join()}}`)}::text[]
    ) as moved (organization_id, id, checkpoint, affinity, affinity_at, joined_seq, own_ahead)
    where memberships.organization_id = moved.organization_id and memberships.id = moved.id`.execute(db);
}

export async function advance(
  database: Database,
  moves: readonly Move[],
  kept: KeptMemberships | null,
): Promise<readonly (Membership | null)[]> {
  const known = moves.filter((move) => areUuids(move.organizationId, move.channelId, move.userId));
  if (known.length === 0) return moves.map(() => null);
  let version: number | null = null;
  const { now, changed } = await database.transaction(async (db) => {
    const before = await locked(db, known);
    const places = new Map(before.map((place) => [keyOf(place.membership), place]));
    for (const move of known) {
      const key = keyOf(move);
      const place = places.get(key);
      if (place !== undefined) places.set(key, moved(place, move));
    }
    const written = before.flatMap((old) => {
      const place = places.get(keyOf(old.membership));
      return place === undefined || isSame(old, place) ? [] : [place];
    });
    if (written.length > 0) {
      version = kept?.version() ?? null;
      await write(db, written);
    }
    return { now: places, changed: written };
  });
  kept?.moved(
    version,
    changed.map(({ membership }) => membership),
  );
  return moves.map((move) => now.get(keyOf(move))?.membership ?? null);
}
