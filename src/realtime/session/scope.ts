/** Which channels a subscription tells of. Asked of Postgres each time: it is the authority on who may read what. */
import { readableChannels } from '../../chat/channels/access.ts';
import type { ChannelStore, MembershipStore } from '../../chat/channels/port.ts';
import type { Viewer } from '../../chat/viewer.ts';
import type { MembershipChange } from '../publisher.ts';
import type { Revocation } from '../revocations.ts';

export interface Scope {
  /** One channel that was asked for: the subscription ends with it, and new memberships do not widen it. */
  readonly isOneChannel: boolean;
  channelIds(): Promise<readonly string[]>;
  /** The viewer's memberships in these channels, by channel. */
  membershipIds(channelIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The revocation ends what this subscription may see of the channel. */
  isCutBy(revocation: Revocation): boolean;
  /** The subscription tells of this change. */
  tells(change: MembershipChange): boolean;
}

interface Stores {
  readonly channels: Pick<ChannelStore, 'byIds'>;
  readonly memberships: Pick<MembershipStore, 'channelIdsOf' | 'ofUser'>;
}

async function membershipIds(
  { memberships }: Stores,
  { tenant, userId }: Viewer,
  channelIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = await memberships.ofUser(tenant.organizationId, userId, channelIds);
  return new Map(found.map(({ channelId, id }) => [channelId, id]));
}

/** The viewer's sidebar: channels and DMs, followed as it changes. */
export const sidebar = (stores: Stores, viewer: Viewer): Scope => ({
  isOneChannel: false,
  channelIds: () => stores.memberships.channelIdsOf(viewer.tenant.organizationId, viewer.userId),
  membershipIds: (ids) => membershipIds(stores, viewer, ids),
  isCutBy: () => true,
  tells: () => true,
});

/** One channel or thread, for whoever may read it: members, or anyone when it is public. */
export const oneChannel = (stores: Stores, viewer: Viewer, channelId: string): Scope => ({
  isOneChannel: true,
  channelIds: async () => [...(await readableChannels(stores, viewer, [channelId])).keys()],
  membershipIds: (ids) => membershipIds(stores, viewer, ids),
  isCutBy: (revocation) => revocation.channelId === channelId && !revocation.mayStillRead,
  tells: (change) => change.channelId === channelId,
});
