/** What a revocation says, on its way from whoever ended a right to whoever carries it out. */
import type { Revoked } from '../chat/live/leases.ts';
import type { Publisher } from '../chat/live/port.ts';

/** The user's membership in one channel has ended. */
export type ChannelRevocation = Parameters<Publisher['revoke']>[0];

/** The user was deactivated: nothing of the organization is theirs to see any more. */
export interface Deactivation {
  readonly organizationId: string;
  readonly userId: string;
  readonly channelId: null;
  readonly membershipId: null;
  readonly membershipRev: number | null;
  readonly reason: 'DEACTIVATED';
  readonly mayStillRead: false;
}

export type Revocation = ChannelRevocation | Deactivation;

/** As it was committed. */
export function revocationOf({ rev, channelId, membershipId, reason, ...ended }: Revoked): Revocation {
  const common = { organizationId: ended.organizationId, userId: ended.userId, membershipRev: rev };
  if (channelId === null || reason === 'DEACTIVATED') {
    return { ...common, channelId: null, membershipId: null, reason: 'DEACTIVATED', mayStillRead: false };
  }
  return { ...common, channelId, membershipId, reason, mayStillRead: ended.mayStillRead };
}

/** The same for each telling of one that has a number; null for one without, of which nobody knows what it repeats. */
export const nameOf = (revocation: Revocation): string | null =>
  revocation.membershipRev === null
    ? null
    : [
        revocation.organizationId,
        revocation.membershipRev,
        revocation.userId,
        revocation.channelId,
        revocation.membershipId,
      ].join('/');
