/** What the viewer can do with their own place in channels: the use cases of this folder. */
import type { ActivityNotes } from '../channels/activity.ts';
import type { Membership } from '../channels/port.ts';
import type { KeysetPage, KeysetSlice } from '../people/port.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import type { AdvanceQueue } from './advance-queue.ts';
import { affinityScore } from './affinity.ts';
import { type MarkReadInput, markRead } from './read.ts';
import { type MembershipSettings, updateSettings } from './settings.ts';
import { type SidebarFilter, sidebarPage, unreadTotal } from './sidebar.ts';

export interface Memberships {
  /** The viewer's in some channels; channels without one are missing. */
  ofViewer(viewer: Viewer, channelIds: readonly string[]): Promise<readonly Membership[]>;
  /** Of several viewers of one organization, each in one channel; those without one are missing. */
  ofViewers(
    places: readonly { readonly viewer: Viewer; readonly channelId: string }[],
  ): Promise<readonly Membership[]>;
  /** Those of the ids that are the viewer's own: nobody else can see a membership. */
  byIds(viewer: Viewer, ids: readonly string[]): Promise<readonly Membership[]>;
  page(viewer: Viewer, filter: SidebarFilter, page: KeysetPage): Promise<KeysetSlice<Membership>>;
  unreadTotal(viewer: Viewer): Promise<number>;
  affinityScore(membership: Membership): number;
  markRead(viewer: Viewer, input: MarkReadInput): Promise<Membership>;
  updateSettings(viewer: Viewer, settings: MembershipSettings): Promise<Membership>;
}

export function createMemberships(
  ports: Ports,
  advances: AdvanceQueue,
  activity: Pick<ActivityNotes, 'settled'>,
): Memberships {
  /** Those who have just sent find their own message read. */
  const settled = async (viewers: readonly Viewer[]): Promise<void> => {
    const [first] = viewers;
    if (first === undefined) return;
    await advances.settled(
      first.tenant.organizationId,
      viewers.map(({ userId }) => userId),
    );
  };
  return {
    async ofViewer(viewer, ids) {
      await settled([viewer]);
      return ports.memberships.ofUser(viewer.tenant.organizationId, viewer.userId, ids);
    },
    async ofViewers(places) {
      const [first] = places;
      if (first === undefined) return [];
      await settled(places.map(({ viewer }) => viewer));
      return ports.memberships.ofUsers(
        first.viewer.tenant.organizationId,
        places.map(({ viewer, channelId }) => ({ userId: viewer.userId, channelId })),
      );
    },
    async byIds(viewer, ids) {
      await settled([viewer]);
      const found = await ports.memberships.byIds(viewer.tenant.organizationId, ids);
      return found.filter((membership) => membership.userId === viewer.userId);
    },
    async page(viewer, filter, page) {
      await settled([viewer]);
      if (filter.orderBy === 'LATEST_ACTIVITY') await activity.settled(viewer.tenant.organizationId);
      return sidebarPage(ports, viewer, filter, page);
    },
    async unreadTotal(viewer) {
      await settled([viewer]);
      return unreadTotal(ports, viewer);
    },
    affinityScore: (membership) => affinityScore(membership, ports.clock.now()),
    markRead: (viewer, input) => markRead(ports, advances, viewer, input),
    async updateSettings(viewer, settings) {
      await settled([viewer]);
      return updateSettings(ports, viewer, settings);
    },
  };
}
