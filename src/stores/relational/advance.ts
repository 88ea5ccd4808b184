/**
 * Checkpoints and affinities of many memberships, the hottest writes: one transaction that locks the rows, works out
 * their new values here, and writes those that changed with one statement. The rows are locked in the order of their
 * key: replicas that advance the same memberships in different orders would otherwise wait for each other.
 */
import { sql } from 'kysely';
import type { Membership, MembershipStore } from '../../chat/channels/port.ts';
import { type Score, withPoints } from './affinity.ts';
import type { Database } from './database.ts';
import type { KeptMemberships } from './kept-memberships.ts';
import { membershipOf } from './membership-row.ts';
import type { MembershipRow, Queries } from './tables.ts';
import { areUuids } from './uuids.ts';

export type Move = Parameters<MembershipStore['advance']>[0][number];

const keyOf = (of: { organizationId: string; channelId: string; userId: string }): string =>
  `${of.organizationId}/${of.channelId}/${of.userId}`;

/** A membership as moves change it, and own sends noted ahead of those before them: ascending, all beyond the checkpoint. */
interface Place {
  readonly membership: Membership;
  checkpoint: number;
  score: Score;
  joined: number;
  ownAhead: number[];
  isChanged: boolean;
}

/** Own sends are noted out of order by less than a second, from several devices on several replicas: no more wait. */
const MOST_AHEAD = 64;

type CheckpointMove = NonNullable<Move['checkpoint']>;

/**
 * An own send moves the checkpoint from the number before it. One that is noted before an earlier one of theirs waits
 * here, and is passed with that one; a foreign message between them is passed by nobody but who reads it.
 */
function ownSend(place: Place, own: number, onlyFrom: number): void {
  const { checkpoint, ownAhead } = place;
  if (onlyFrom === checkpoint) {
    let to = Math.max(checkpoint, own);
    for (const next of ownAhead) if (next === to + 1) to = next;
    reach(place, to);
  } else if (own > checkpoint && own === onlyFrom + 1 && !ownAhead.includes(own)) {
    // Nearly always the newest.
    if (own > (ownAhead.at(-1) ?? 0)) ownAhead.push(own);
    else place.ownAhead = [...ownAhead, own].toSorted((a, b) => a - b);
    if (place.ownAhead.length > MOST_AHEAD) place.ownAhead = place.ownAhead.slice(-MOST_AHEAD);
    place.isChanged = true;
  }
}

function reach(place: Place, to: number): void {
  if (to === place.checkpoint) return;
  place.checkpoint = to;
  if ((place.ownAhead[0] ?? Number.POSITIVE_INFINITY) <= to)
    place.ownAhead = place.ownAhead.filter((own) => own > to);
  place.isChanged = true;
}

function moveCheckpoint(place: Place, { to, backward, onlyFrom, isJoining }: CheckpointMove): void {
  if (onlyFrom !== undefined && !backward) ownSend(place, to, onlyFrom);
  else if (onlyFrom === undefined || onlyFrom === place.checkpoint)
    reach(place, backward ? to : Math.max(place.checkpoint, to));
  if (isJoining === true && place.checkpoint > place.joined) {
    place.joined = place.checkpoint;
    place.isChanged = true;
  }
}

/** Moves of one membership are applied in the order they were given. */
function move(place: Place, { checkpoint, affinity }: Move): void {
  if (checkpoint !== undefined) moveCheckpoint(place, checkpoint);
  if (affinity === undefined) return;
  const score = withPoints(place.score, affinity.points, affinity.at);
  place.isChanged ||=
    score.affinity !== place.score.affinity ||
    score.affinityAt.getTime() !== place.score.affinityAt.getTime();
  place.score = score;
}

const movedOf = ({ membership, checkpoint, score }: Place): Membership => ({
  ...membership,
  checkpoint,
  ...score,
});

/** The memberships that the moves are of, those that there are. @param asked one move of each. */
async function locked(db: Queries, asked: readonly Move[]): Promise<readonly Place[]> {
  // Own sends ahead as text: PGlite reads arrays character by character.
  const { rows } = await sql<Omit<MembershipRow, 'own_ahead'> & { ahead: string }>`
    select memberships.organization_id, memberships.id, memberships.channel_id, memberships.user_id, memberships.role,
      memberships.joined_at, memberships.affinity, memberships.affinity_at, memberships.is_muted,
      memberships.notify_always, memberships.checkpoint, memberships.joined_seq,
      array_to_string(memberships.own_ahead, ',') as ahead
    from memberships
    join unnest(
      ${asked.map((one) => one.organizationId)}::uuid[],
      ${asked.map((one) => one.channelId)}::uuid[],
      ${asked.map((one) => one.userId)}::uuid[]
    ) as asked (organization_id, channel_id, user_id) using (organization_id, channel_id, user_id)
    order by memberships.organization_id, memberships.channel_id, memberships.user_id
    for no key update of memberships`.execute(db);
  return rows.map((row) => {
    const membership = membershipOf(row);
    const { checkpoint, affinity, affinityAt } = membership;
    return {
      membership,
      checkpoint,
      score: { affinity, affinityAt },
      joined: Number(row.joined_seq),
      ownAhead: row.ahead === '' ? [] : row.ahead.split(',').map(Number),
      isChanged: false,
    };
  });
}

async function write(db: Queries, places: readonly Place[]): Promise<void> {
  const memberships = places.map(movedOf);
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
  const byMembership = Map.groupBy(moves, keyOf);
  const known = [...byMembership.values()]
    .flatMap(([first]) => first ?? [])
    .filter((one) => areUuids(one.organizationId, one.channelId, one.userId));
  if (known.length === 0) return moves.map(() => null);
  let version: number | null = null;
  const places = await database.transaction(async (db) => {
    const found = await locked(db, known);
    for (const place of found) {
      for (const one of byMembership.get(keyOf(place.membership)) ?? []) move(place, one);
    }
    const changed = found.filter(({ isChanged }) => isChanged);
    if (changed.length > 0) {
      version = kept?.version() ?? null;
      await write(db, changed);
    }
    return found;
  });
  kept?.moved(version, places.filter(({ isChanged }) => isChanged).map(movedOf));
  const after = new Map(places.map((place) => [keyOf(place.membership), movedOf(place)]));
  return moves.map((one) => after.get(keyOf(one)) ?? null);
}
