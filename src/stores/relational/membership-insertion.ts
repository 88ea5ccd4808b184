/** The one statement that makes memberships. */
import { sql } from 'kysely';
import type { Membership, Role } from '../../chat/channels/port.ts';
import { uuidv7 } from '../../chat/ids.ts';
import { membershipOf } from './membership-row.ts';
import type { MembershipRow, Queries } from './tables.ts';
import { uuidsOf } from './uuids.ts';

export interface NewMembers {
  readonly organizationId: string;
  readonly channelId: string;
  readonly userIds: readonly string[];
  readonly role: Role;
  readonly checkpoint: number;
}

/**
 * Returns those that were made: not of people who are members already, nor of ids that are nobody's in the
 * organization. Taken from channels and users, so that neither a foreign key nor a tenant's border can be crossed;
 * in the order of user ids, so that two replicas that add the same people do not wait for each other.
 */
export async function insertMembers(db: Queries, input: NewMembers): Promise<readonly Membership[]> {
  const userIds = uuidsOf(input.userIds).toSorted();
  if (userIds.length === 0) return [];
  const now = Date.now();
  const { rows } = await sql<MembershipRow>`
    insert into memberships (organization_id, id, channel_id, user_id, role, checkpoint, joined_seq)
    select users.organization_id, wanted.id, channels.id, users.id, ${input.role}, ${input.checkpoint}::bigint,
      ${input.checkpoint}::bigint
    from unnest(${userIds.map(() => uuidv7(now))}::uuid[], ${userIds}::uuid[]) as wanted (id, user_id)
    join users on users.organization_id = ${input.organizationId} and users.id = wanted.user_id
    join channels on channels.organization_id = users.organization_id and channels.id = ${input.channelId}
    order by users.id
    on conflict (organization_id, channel_id, user_id) do nothing
    returning *`.execute(db);
  return rows.map(membershipOf);
}
