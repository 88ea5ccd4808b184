/** Which channels a subscription tells of. Asked of Postgres each time: it is the authority on who may read what. */
import { readableChannels } from '../../chat/channels/access.ts';
import type { ChannelStore, MembershipStore } from '../../chat/channels/port.ts';
import type { Viewer } from '../../chat/viewer.ts';
import type { MembershipChange } from '../publisher.ts';
import type { ChannelRevocation } from '../revocation.ts';

/** A channel, and the one whose membership lets the viewer read it: of a thread the parent, else the channel itself. */
export interface Granted {
  readonly id: string;
  readonly by: string;
}

export interface Scope {
  /** One channel that was asked for: the subscription ends with it, and new memberships do not widen it. */
  readonly isOneChannel: boolean;
  channels(): Promise<readonly Granted[]>;
  /** The viewer's memberships in these channels, by channel. */
  membershipIds(channelIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** A revocation of this channel may end what the subscription sees: of the channel, or of those it grants. */
  isCutBy(revocation: ChannelRevocation): boolean;
  /** The subscription tells of this change. */
  tells(change: Pick<MembershipChange, 'channelId'>): boolean;
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
  channels: async () => {
    const ids = await stores.memberships.channelIdsOf(viewer.tenant.organizationId, viewer.userId);
    return ids.map((id) => ({ id, by: id }));
  },
  membershipIds: (ids) => membershipIds(stores, viewer, ids),
  isCutBy: () => true,
  tells: () => true,
});

/** One channel or thread, for whoever may read it: members (of a thread: of its parent), or anyone when it is public. */
export const oneChannel = (stores: Stores, viewer: Viewer, channelId: string): Scope =>
  new OneChannel(stores, viewer, channelId);

/** A class, since there are as many as subscribers: one small object for each, and no functions of its own. */
class OneChannel implements Scope {
  readonly isOneChannel = true;
  readonly #stores: Stores;
  readonly #viewer: Viewer;
  readonly #channelId: string;
  /** Which channel grants it; null until Postgres has said so: until then any revocation may concern it. */
  #by: string | null = null;

  constructor(stores: Stores, viewer: Viewer, channelId: string) {
    this.#stores = stores;
    this.#viewer = viewer;
    this.#channelId = channelId;
  }

  async channels(): Promise<readonly Granted[]> {
    const id = this.#channelId;
    const [place] = (await readableChannels(this.#stores, this.#viewer, [id])).values();
    if (place === undefined) return [];
    this.#by = place.channel.root?.channelId ?? id;
    return [{ id, by: this.#by }];
  }

  membershipIds(channelIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return membershipIds(this.#stores, this.#viewer, channelIds);
  }

  isCutBy({ mayStillRead, channelId }: ChannelRevocation): boolean {
    return !mayStillRead && (this.#by === null || channelId === this.#by);
  }

  tells({ channelId }: Pick<MembershipChange, 'channelId'>): boolean {
    return channelId === this.#channelId;
  }
}
