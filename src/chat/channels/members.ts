/** Joining, leaving, adding and removing. Postgres is the authority; the change log and the edges follow it. */
import { badInput, forbidden, notFound } from '../errors.ts';
import { announce } from '../outbox/announcer.ts';
import { requireUsers } from '../people/people.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { isOpenToAll } from './access.ts';
import { addMembers } from './joined.ts';
import { isChannelAdmin, refuseArchived, requireMember, requireReadable } from './permission.ts';
import type { Channel, Membership } from './port.ts';

/** What has ended: no event of the channel follows. */
export interface Detached {
  readonly channelId: string;
  /** Null when there was no membership to end: a repeat answers like the first call, so that retrying is safe. */
  readonly membershipId: string | null;
}

function refuseFixed(channel: Channel): void {
  if (channel.type === 'DM') throw forbidden('The people of a direct conversation do not change.');
  if (channel.type === 'THREAD') {
    throw forbidden('A thread is followed by replying to it, and ends with the membership of its channel.');
  }
}

/** The viewer becomes a member of a public channel; who is one already stays as they are. */
export async function joinChannel(ports: Ports, viewer: Viewer, channelId: string): Promise<Membership> {
  const { channel, membership } = await requireReadable(ports, viewer, channelId);
  if (membership !== null) return membership;
  refuseFixed(channel);
  refuseArchived(channel);
  const { userId, tenant } = viewer;
  const [joined] = await addMembers(ports, {
    organizationId: tenant.organizationId,
    channelId,
    userIds: [userId],
    role: 'MEMBER',
    actorId: userId,
  });
  if (joined === undefined) throw notFound('The channel');
  return joined;
}

/** Any member may bring someone in. */
export async function addMember(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  userId: string,
): Promise<Membership> {
  const place = await requireReadable(ports, viewer, channelId);
  refuseFixed(place.channel);
  requireMember(place);
  refuseArchived(place.channel);
  const [user] = await requireUsers(ports, viewer, [userId]);
  if (user?.deactivatedAt) throw badInput('This person is deactivated.');
  const [added] = await addMembers(ports, {
    organizationId: viewer.tenant.organizationId,
    channelId,
    userIds: [userId],
    role: 'MEMBER',
    actorId: viewer.userId,
  });
  if (added === undefined) throw notFound('The channel');
  return added;
}

/** Returns once no edge hands the channel's events to that user any more. */
async function detach(
  ports: Ports,
  viewer: Viewer,
  channel: Channel,
  userId: string,
  reason: 'LEFT' | 'REMOVED',
): Promise<Detached> {
  const { organizationId } = viewer.tenant;
  const channelId = channel.id;
  const ended = await ports.memberships.remove({
    organizationId,
    channelId,
    userId,
    actorId: viewer.userId,
  });
  const membershipId = ended?.membership.id ?? null;
  // A repeat revokes too: the first try may have ended between its transaction and this line.
  // Side by side: revoking must not wait for a message store that does not answer.
  await Promise.all([
    ports.publisher.revoke({
      organizationId,
      userId,
      channelId,
      membershipId,
      membershipRev: ended?.membershipRev ?? null,
      reason,
      mayStillRead: isOpenToAll(channel),
    }),
    announce(ports, ended === null ? [] : [ended.outbox]),
  ]);
  return { channelId, membershipId };
}

/** Anyone may leave, the last admin too: admins of the organization can still look after the channel. */
export async function leaveChannel(ports: Ports, viewer: Viewer, channelId: string): Promise<Detached> {
  const { channel } = await requireReadable(ports, viewer, channelId);
  refuseFixed(channel);
  return detach(ports, viewer, channel, viewer.userId, 'LEFT');
}

/** By admins of the channel or the organization; removing oneself is leaving. */
export async function removeMember(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  userId: string,
): Promise<Detached> {
  const place = await requireReadable(ports, viewer, channelId);
  refuseFixed(place.channel);
  if (userId === viewer.userId) return detach(ports, viewer, place.channel, userId, 'LEFT');
  if (!isChannelAdmin(viewer, place)) throw forbidden('Only admins of the channel remove its members.');
  await requireUsers(ports, viewer, [userId]);
  return detach(ports, viewer, place.channel, userId, 'REMOVED');
}
