/** Writing down that a right has ended, in the transaction that ends it. */
import { sql } from 'kysely';
import type { Revoked } from '../../chat/live/leases.ts';
import type { Queries } from './tables.ts';

/**
 * Takes the organization's next number and writes the revocation. Last in the transaction, as it holds the
 * organization's row until the commit: whoever gets the next number gets it after this one is visible. (A sequence
 * would hand out numbers in an order other than that of the commits.)
 */
export async function revoke(transaction: Queries, ended: Omit<Revoked, 'rev'>): Promise<number> {
  const { organizationId, userId, channelId, membershipId, reason, mayStillRead } = ended;
  const { membership_rev } = await transaction
    .updateTable('organizations')
    .set({ membership_rev: sql<number>`membership_rev + 1` })
    .where('id', '=', organizationId)
    .returning('membership_rev')
    .executeTakeFirstOrThrow();
  const rev = Number(membership_rev);
  await transaction
    .insertInto('revocations')
    .values({
      organization_id: organizationId,
      rev,
      user_id: userId,
      channel_id: channelId,
      membership_id: membershipId,
      reason,
      may_still_read: mayStillRead,
    })
    .execute();
  return rev;
}
