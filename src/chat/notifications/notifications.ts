/** What the viewer can ask of their notifications: the use cases of this folder. */
import type { KeysetPage, KeysetSlice } from '../people/port.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import type { FanOut } from './fan-out.ts';
import { noticeOf } from './notice.ts';
import { type Notification, notificationId } from './port.ts';

export interface Notifications {
  /** Newest first, of channels that are not muted. */
  page(viewer: Viewer, page: KeysetPage): Promise<KeysetSlice<Notification>>;
  /** Those of the ids that are the viewer's own and still stand: not of deleted messages, nor of channels they left. */
  byIds(viewer: Viewer, ids: readonly string[]): Promise<readonly Notification[]>;
  /** Unread messages that name each viewer, all of one organization, in the channel beside them; in the order asked. */
  mentionCounts(
    places: readonly { readonly viewer: Viewer; readonly channelId: string }[],
  ): Promise<readonly number[]>;
  /** The same over all channels and DMs that are not muted. */
  mentionTotal(viewer: Viewer): Promise<number>;
}

/** What this replica is about to tell is waited for, briefly: whoever has just sent finds it counted. */
export function createNotifications(ports: Ports, fanOut: Pick<FanOut, 'settled'>): Notifications {
  const { notifications } = ports;
  return {
    async page({ tenant, userId }, page) {
      await fanOut.settled(tenant.organizationId, null);
      return notifications.page(tenant.organizationId, userId, page);
    },
    byIds: (viewer, ids) => byIds(ports, viewer, ids),
    async mentionCounts(places) {
      const [first] = places;
      if (first === undefined) return [];
      const { organizationId } = first.viewer.tenant;
      const channelIds = [...new Set(places.map(({ channelId }) => channelId))];
      await fanOut.settled(organizationId, channelIds);
      return notifications.mentionCounts(
        organizationId,
        places.map(({ viewer, channelId }) => ({ userId: viewer.userId, channelId })),
      );
    },
    async mentionTotal({ tenant, userId }) {
      await fanOut.settled(tenant.organizationId, null);
      return notifications.mentionTotal(tenant.organizationId, userId);
    },
  };
}

interface Place {
  readonly channelId: string;
  readonly seq: number;
}

const ID =
  /^([0-9a-f]{32}):([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12}):([1-9][0-9]{0,9})$/;

/** The message that told this user; null for the id of somebody else's, or of none. */
function placeOf(userId: string, id: string): Place | null {
  const [, user, ...rest] = ID.exec(id) ?? [];
  const seq = Number(rest.at(-1));
  if (user !== userId.replaceAll('-', '') || !(seq <= 2_147_483_647)) return null;
  return { channelId: rest.slice(0, 5).join('-'), seq };
}

async function byIds(ports: Ports, viewer: Viewer, ids: readonly string[]): Promise<readonly Notification[]> {
  const { organizationId } = viewer.tenant;
  const places = ids.map((id) => placeOf(viewer.userId, id)).filter((place) => place !== null);
  if (places.length === 0) return [];
  const kept = await ports.notifications.ofMessages(organizationId, viewer.userId, places);
  const known = new Set(kept.map(({ id }) => id));
  const others = places.filter(
    ({ channelId, seq }) => !known.has(notificationId(viewer.userId, channelId, seq)),
  );
  return [...kept, ...(await ofEverything(ports, viewer, others))];
}

/** Alerts of those who asked to be told of everything are not kept: the message and the wish are. */
async function ofEverything(
  ports: Ports,
  viewer: Viewer,
  places: readonly Place[],
): Promise<readonly Notification[]> {
  if (places.length === 0) return [];
  const { userId, tenant } = viewer;
  const { organizationId } = tenant;
  const channelIds = [...new Set(places.map(({ channelId }) => channelId))];
  const memberships = await ports.memberships.ofUser(organizationId, userId, channelIds);
  const asked = new Set(memberships.flatMap((m) => (m.notifyAlways ? [m.channelId] : [])));
  const wanted = places.filter(({ channelId }) => asked.has(channelId));
  if (wanted.length === 0) return [];
  const rows = await ports.messages.rows(
    wanted.map(({ channelId, seq }) => ({ channel: { organizationId, channelId }, seq })),
  );
  return wanted.flatMap(({ channelId, seq }, i): Notification[] => {
    const row = rows[i] ?? null;
    if (row === null || row.entry.authorId === userId || noticeOf(row).isDeleted) return [];
    const id = notificationId(userId, channelId, seq);
    const createdAt = new Date(row.at);
    return [{ id, organizationId, userId, channelId, seq, reason: 'NOTIFY_ALWAYS', createdAt }];
  });
}
