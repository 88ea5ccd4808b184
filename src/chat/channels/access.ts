/** Who may see which channel: asked of Postgres each time, in two calls however many channels (contract, "Who may"). */
import type { Viewer } from '../viewer.ts';
import type { Channel, ChannelStore, Membership, MembershipStore } from './port.ts';

/** A channel that the viewer may read, and their place in it; null for readers of a public channel. */
export interface ReadableChannel {
  readonly channel: Channel;
  readonly membership: Membership | null;
}

/** Those of the channels that the viewer may read, by id: public ones of the organization, others as a member. */
export async function readableChannels(
  stores: { channels: Pick<ChannelStore, 'byIds'>; memberships: Pick<MembershipStore, 'ofUser'> },
  viewer: Viewer,
  channelIds: readonly string[],
): Promise<ReadonlyMap<string, ReadableChannel>> {
  if (channelIds.length === 0) return new Map();
  const { organizationId } = viewer.tenant;
  const [channels, memberships] = await Promise.all([
    stores.channels.byIds(organizationId, channelIds),
    stores.memberships.ofUser(organizationId, viewer.userId, channelIds),
  ]);
  const mine = new Map(memberships.map((m) => [m.channelId, m]));
  const readable = new Map<string, ReadableChannel>();
  for (const channel of channels) {
    const membership = mine.get(channel.id) ?? null;
    const isOpen = channel.type === 'CHANNEL' && channel.visibility === 'PUBLIC';
    if (isOpen || membership !== null) readable.set(channel.id, { channel, membership });
  }
  return readable;
}
