/** Making members admins of a channel, and admins members again. */
import { forbidden, notFound } from '../errors.ts';
import { announce } from '../outbox/announcer.ts';
import { requireUsers } from '../people/people.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { isChannelAdmin, refuseArchived, requireReadable } from './permission.ts';
import type { Membership, Role } from './port.ts';

/**
 * By admins of the channel or the organization, of themselves too. The last admin stays one: a channel that nobody can
 * look after is made by mistake, hardly ever on purpose. Throws NOT_FOUND for somebody who is no member.
 */
export async function updateMemberRole(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  userId: string,
  role: Role,
): Promise<Membership> {
  const place = await requireReadable(ports, viewer, channelId);
  const { channel } = place;
  if (channel.type !== 'CHANNEL') throw forbidden('Only the members of a channel have roles.');
  if (!isChannelAdmin(viewer, place)) throw forbidden('Only admins of the channel change roles.');
  refuseArchived(channel);
  await requireUsers(ports, viewer, [userId]);
  const { organizationId } = viewer.tenant;
  const actorId = viewer.userId;
  const updated = await ports.memberships.updateRole({ organizationId, channelId, userId, role, actorId });
  if (updated === null) throw notFound('The member');
  if (updated === 'LAST_ADMIN') {
    throw forbidden('A channel keeps an admin: make somebody else one first.');
  }
  const { membership, outbox } = updated;
  if (outbox !== null) {
    const membershipId = membership.id;
    ports.publisher.membershipChanged({ organizationId, userId, channelId, membershipId, isNew: false });
    await announce(ports, [outbox]);
  }
  return membership;
}
