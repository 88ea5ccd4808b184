/**
 * Who may see which channel: asked of Postgres each time, in one statement however many channels (contract, "Who
 * may"). What may be done in a thread comes wholly from its parent.
 */
import type { Viewer } from '../viewer.ts';
import type { Channel, ChannelPlace, ChannelStore, Membership, MembershipStore } from './port.ts';

/** A channel that the viewer may read, and their place in it. */
export interface ReadableChannel {
  readonly channel: Channel;
  /** The viewer's own in this very channel (in a thread: as a follower); null when they have none. */
  readonly membership: Membership | null;
  /** The one that says what they may do here: in a thread, that in its parent. Null for readers of a public channel. */
  readonly authority: Membership | null;
}

interface AskedStores {
  readonly channels: Pick<ChannelStore, 'byIds' | 'placesOf'>;
  readonly memberships: Pick<MembershipStore, 'ofUser'>;
}

/** Those of the channels that the viewer may read, by id: public ones of the organization, others as a member. */
export async function readableChannels(
  stores: AskedStores,
  viewer: Viewer,
  channelIds: readonly string[],
): Promise<ReadonlyMap<string, ReadableChannel>> {
  if (channelIds.length === 0) return new Map();
  const { organizationId } = viewer.tenant;
  const places = await (stores.channels.placesOf?.(organizationId, viewer.userId, channelIds) ??
    placesOf(stores, viewer, channelIds));
  const readable = new Map<string, ReadableChannel>();
  for (const { channel, membership, parentMembership } of places) {
    const authority = channel.root === null ? membership : parentMembership;
    if (isOpenToAll(channel) || authority !== null) {
      readable.set(channel.id, { channel, membership, authority });
    }
  }
  return readable;
}

/** Put together from single answers, for stores that mostly know them. */
async function placesOf(
  stores: AskedStores,
  { tenant: { organizationId }, userId }: Viewer,
  channelIds: readonly string[],
): Promise<readonly ChannelPlace[]> {
  const ofViewer = (ids: readonly string[]): Promise<readonly Membership[]> =>
    ids.length === 0
      ? Promise.resolve([])
      : stores.memberships.ofUser(organizationId, userId, [...new Set(ids)]);
  const [channels, asked] = await Promise.all([
    stores.channels.byIds(organizationId, channelIds),
    ofViewer(channelIds),
  ]);
  const mine = new Map(asked.map((m) => [m.channelId, m]));
  const parents = channels.flatMap(({ root }) => (root === null ? [] : [root.channelId]));
  const known = new Set(channelIds);
  for (const m of await ofViewer(parents.filter((id) => !known.has(id)))) mine.set(m.channelId, m);
  return channels.map((channel) => ({
    channel,
    membership: mine.get(channel.id) ?? null,
    parentMembership: channel.root === null ? null : (mine.get(channel.root.channelId) ?? null),
  }));
}

interface KnowingStores {
  readonly channels: Pick<ChannelStore, 'byIdNow'>;
  readonly memberships: Pick<MembershipStore, 'ofUserNow'>;
}

/** The same of one channel, at once: null when they may not read it, undefined when the stores have to be asked. */
export function readableNow(
  { channels, memberships }: KnowingStores,
  { tenant: { organizationId }, userId }: Viewer,
  channelId: string,
): ReadableChannel | null | undefined {
  const channel = channels.byIdNow?.(organizationId, channelId);
  if (channel === undefined || channel === null) return channel;
  const membership = memberships.ofUserNow?.(organizationId, userId, channelId);
  const { root } = channel;
  const authority =
    root === null ? membership : memberships.ofUserNow?.(organizationId, userId, root.channelId);
  if (membership === undefined || authority === undefined) return undefined;
  return isOpenToAll(channel) || authority !== null ? { channel, membership, authority } : null;
}

/** True when anyone in the organization may read it. */
export const isOpenToAll = (channel: Channel): boolean =>
  channel.type !== 'DM' && channel.visibility === 'PUBLIC';
