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

/** The viewer's membership. Throws FORBIDDEN for one who may read the channel but has not joined it. */
export function requireMember(place: ReadableChannel): Membership {
  if (place.membership === null) throw forbidden('Join the channel first: only members may do this.');
  return place.membership;
}

/** Admins of the channel, and those of the whole organization who can see it. */
export const isChannelAdmin = (viewer: Viewer, place: ReadableChannel): boolean =>
  viewer.isAdmin || place.membership?.role === 'ADMIN';

/** True when anyone in the organization may read it. */
export const isOpenToAll = (channel: Channel): boolean =>
  channel.type === 'CHANNEL' && channel.visibility === 'PUBLIC';
