/** Joining, leaving, settings: each with its outbox row in the same transaction. */
import { sql } from 'kysely';
import type { Membership, MembershipStore } from '../../chat/channels/port.ts';
import type { Database } from './database.ts';
import { insertMembers } from './membership-insertion.ts';
import { membershipOf, membersOf } from './membership-row.ts';
import { announce, lockChannel } from './outbox.ts';
import { revoke } from './revocations.ts';
import type { MembershipRow, Queries } from './tables.ts';
import { areUuids, uuidsOf } from './uuids.ts';

type Add = MembershipStore['add'];
type Remove = MembershipStore['remove'];
type UpdateSettings = MembershipStore['updateSettings'];

/** `memberships` are those of all who were asked for, new or not; ids of nobody in the organization are left out. */
export function addMembers(database: Database, input: Parameters<Add>[0]): ReturnType<Add> {
  const { organizationId, channelId, actorId } = input;
  return database.transaction(async (db) => {
    const wanted = uuidsOf(input.userIds);
    if (wanted.length === 0 || !areUuids(organizationId, channelId)) return { memberships: [], outbox: [] };
    if (input.announce !== false) await lockChannel(db, input);
    const made = await insertMembers(db, input);
    const outbox =
      input.announce === false
        ? []
        : await announce(
            db,
            { organizationId, channelId, kind: 'MEMBER_JOINED', actorId },
            made.map((membership) => membership.userId),
          );
    const all = made.length === wanted.length ? made : await membersOf(db, organizationId, channelId, wanted);
    const byUser = new Map(all.map((membership) => [membership.userId, membership]));
    return {
      memberships: wanted.map((userId) => byUser.get(userId)).filter((one) => one !== undefined),
      outbox,
    };
  });
}

/**
 * Ends the membership and those in threads of the channel. Their rows are locked in the order in which `advance` locks
 * them, or each could wait for the other. No thread is followed meanwhile: that needs the channel's row, which the
 * caller holds.
 */
async function endMemberships(
  db: Queries,
  {
    organizationId,
    channelId,
    userId,
  }: Pick<Parameters<Remove>[0], 'organizationId' | 'channelId' | 'userId'>,
): Promise<MembershipRow | undefined> {
  const { rows } = await sql<MembershipRow>`
    select memberships.* from memberships
    join channels on channels.organization_id = memberships.organization_id
      and channels.id = memberships.channel_id
    where memberships.organization_id = ${organizationId} and memberships.user_id = ${userId}
      and (channels.id = ${channelId} or channels.parent_id = ${channelId})
    order by memberships.organization_id, memberships.channel_id, memberships.user_id
    for update of memberships`.execute(db);
  await db
    .deleteFrom('memberships')
    .where('organization_id', '=', organizationId)
    .where('id', '=', sql<string>`any(${rows.map((row) => row.id)}::uuid[])`)
    .execute();
  return rows.find((row) => row.channel_id === channelId);
}

export function removeMember(database: Database, input: Parameters<Remove>[0]): ReturnType<Remove> {
  const { organizationId, channelId, userId, actorId } = input;
  return database.transaction(async (db) => {
    if (!areUuids(organizationId, channelId, userId)) return null;
    const channel = await lockChannel(db, input);
    const gone = await endMemberships(db, input);
    if (gone === undefined) return null;
    const announced = await announce(db, { organizationId, channelId, kind: 'MEMBER_LEFT', actorId }, [
      userId,
    ]);
    const membershipRev = await revoke(db, {
      organizationId,
      userId,
      channelId,
      membershipId: gone.id,
      reason: actorId === userId ? 'LEFT' : 'REMOVED',
      mayStillRead: channel !== undefined && channel.type !== 'DM' && channel.visibility === 'PUBLIC',
    });
    const [outbox] = announced;
    if (outbox === undefined) throw new Error('an outbox row was inserted and not returned');
    return { membership: membershipOf(gone), membershipRev, outbox };
  });
}

export function updateSettings(
  database: Database,
  input: Parameters<UpdateSettings>[0],
): Promise<Membership | null> {
  const { organizationId, membershipId, isMuted, notifyAlways } = input;
  return database.run(async (db) => {
    if (!areUuids(organizationId, membershipId)) return null;
    const row = await db
      .updateTable('memberships')
      .set({
        is_muted: isMuted ?? sql<boolean>`is_muted`,
        notify_always: notifyAlways ?? sql<boolean>`notify_always`,
      })
      .where('organization_id', '=', organizationId)
      .where('id', '=', membershipId)
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? null : membershipOf(row);
  });
}
