/** Asking who may, for one channel: the two refusals every use case shares (contract, "Who may"). */
import { forbidden, notFound } from '../errors.ts';
import type { Viewer } from '../viewer.ts';
import { type ReadableChannel, readableChannels } from './access.ts';
import type { Channel, ChannelStore, Membership, MembershipStore } from './port.ts';

/** The channel and the viewer's place in it. Throws NOT_FOUND alike for none and for one they may not see. */
export async function requireReadable(
  stores: { readonly channels: ChannelStore; readonly memberships: MembershipStore },
  viewer: Viewer,
  channelId: string,
): Promise<ReadableChannel> {
  const place = (await readableChannels(stores, viewer, [channelId])).get(channelId);
  if (place === undefined) throw notFound('The channel');
  return place;
}

/**
 * The membership that lets the viewer take part (send, react, pin): in a thread, that in its parent. Throws FORBIDDEN
 * for one who may read the channel but has not joined it.
 */
export function requireMember(place: ReadableChannel): Membership {
  if (place.authority === null) throw forbidden('Join the channel first: only members may do this.');
  return place.authority;
}

/** The viewer's own place, where their checkpoint and settings are: in a thread, as a follower. */
export function requireOwnMembership(place: ReadableChannel): Membership {
  if (place.membership !== null) return place.membership;
  if (place.channel.type !== 'THREAD' || place.authority === null) requireMember(place);
  throw forbidden('Reply to the thread first: only those who follow it may do this.');
}

/** Throws FORBIDDEN for an archived channel and for a thread in one: nothing in them changes. */
export function refuseArchived(channel: Channel): void {
  if (channel.archivedAt !== null) throw forbidden('The channel is archived: nothing in it changes.');
}

/** Throws FORBIDDEN unless the viewer may send to this channel. */
export function requirePoster(viewer: Viewer, place: ReadableChannel): void {
  requireMember(place);
  refuseArchived(place.channel);
  if (place.channel.postingPolicy === 'ADMINS' && !isChannelAdmin(viewer, place)) {
    throw forbidden('Only admins post in this channel.');
  }
}

/** Admins of the channel (of a thread: of its parent), and those of the whole organization who can see it. */
export const isChannelAdmin = (viewer: Viewer, place: ReadableChannel): boolean =>
  viewer.isAdmin || place.authority?.role === 'ADMIN';
