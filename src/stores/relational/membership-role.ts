/** Who is an admin of a channel. */
import { sql } from 'kysely';
import type { MembershipStore } from '../../chat/channels/port.ts';
import type { Database } from './database.ts';
import { membershipOf } from './membership-row.ts';
import { announce, lockChannel } from './outbox.ts';
import type { Queries } from './tables.ts';
import { areUuids } from './uuids.ts';

type UpdateRole = MembershipStore['updateRole'];

export function updateRole(database: Database, input: Parameters<UpdateRole>[0]): ReturnType<UpdateRole> {
  const { organizationId, channelId, userId, role, actorId } = input;
  return database.transaction(async (db) => {
    if (!areUuids(organizationId, channelId, userId)) return null;
    // Changes of one channel's roles take turns: each sees the admins that the one before has left.
    await lockChannel(db, input);
    const found = await db
      .selectFrom('memberships')
      .selectAll()
      .where('organization_id', '=', organizationId)
      .where('channel_id', '=', channelId)
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (found === undefined) return null;
    if (found.role === role) return { membership: membershipOf(found), outbox: null };
    if (role === 'MEMBER' && (await otherAdmins(db, input)) === 0) return 'LAST_ADMIN';
    const changed = await db
      .updateTable('memberships')
      .set({ role })
      .where('organization_id', '=', organizationId)
      .where('id', '=', found.id)
      .returningAll()
      .executeTakeFirst();
    // Only a removal takes it away meanwhile, and that waits for the channel's row.
    if (changed === undefined) return null;
    const change = { organizationId, channelId, kind: 'CHANNEL_UPDATED', actorId } as const;
    const [outbox = null] = await announce(db, change, [null]);
    return { membership: membershipOf(changed), outbox };
  });
}

/** Those who can act as one: somebody who was shut out looks after nothing. */
async function otherAdmins(
  db: Queries,
  { organizationId, channelId, userId }: Parameters<UpdateRole>[0],
): Promise<number> {
  const { rows } = await sql<{ admins: string | number }>`
    select count(*) as admins from memberships
    join users on users.organization_id = memberships.organization_id and users.id = memberships.user_id
    where memberships.organization_id = ${organizationId} and memberships.channel_id = ${channelId}
      and memberships.role = 'ADMIN' and users.id <> ${userId} and users.deactivated_at is null`.execute(db);
  return Number(rows[0]?.admins ?? 0);
}
