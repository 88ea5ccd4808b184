/** The viewer's own memberships: pages of the sidebar, and what is unread in all of it. */
import type { ChannelType, Membership, MembershipOrder } from '../channels/port.ts';
import type { KeysetPage, KeysetSlice } from '../people/port.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';

export interface SidebarFilter {
  readonly orderBy: MembershipOrder;
  readonly types?: readonly ChannelType[];
  readonly unreadOnly: boolean;
}

/** Memberships looked at in one step when only unread ones are asked for. */
const STEP = 200;

type Item = KeysetSlice<Membership>['items'][number];

/** Those of the memberships with unread messages, in the same order. One call of the message store. */
async function unreadOf(ports: Ports, viewer: Viewer, items: readonly Item[]): Promise<readonly Item[]> {
  const { organizationId } = viewer.tenant;
  const heads = await ports.messages.heads(
    items.map(({ node }) => ({ organizationId, channelId: node.channelId })),
  );
  return items.filter(({ node }, i) => (heads[i] ?? 0) > node.checkpoint);
}

/** Walks the sidebar from one end until `enough` unread memberships are found or it ends. */
async function collect(
  ports: Ports,
  viewer: Viewer,
  filter: SidebarFilter,
  page: KeysetPage,
): Promise<readonly Item[]> {
  const { orderBy, types } = filter;
  let found: readonly Item[] = [];
  let bounds: { after?: string; before?: string } = {
    ...(page.after === undefined ? {} : { after: page.after }),
    ...(page.before === undefined ? {} : { before: page.before }),
  };
  while (found.length < page.limit) {
    const slice = await ports.memberships.pageOfUser(viewer.tenant.organizationId, viewer.userId, {
      ...bounds,
      limit: STEP,
      backward: page.backward,
      orderBy,
      ...(types === undefined ? {} : { types }),
    });
    const unread = await unreadOf(ports, viewer, slice.items);
    found = page.backward ? [...unread, ...found] : [...found, ...unread];
    const edge = page.backward ? slice.items[0] : slice.items.at(-1);
    if (edge === undefined || !(page.backward ? slice.hasPrevious : slice.hasNext)) break;
    bounds = page.backward ? { ...bounds, before: edge.key } : { ...bounds, after: edge.key };
  }
  return found;
}

async function unreadPage(
  ports: Ports,
  viewer: Viewer,
  filter: SidebarFilter,
  page: KeysetPage,
): Promise<KeysetSlice<Membership>> {
  const found = await collect(ports, viewer, filter, page);
  const items = page.backward ? found.slice(-page.limit) : found.slice(0, page.limit);
  const isCut = found.length > items.length;
  const any = async (bounds: { after?: string; before?: string }) =>
    (await collect(ports, viewer, filter, { ...bounds, limit: 1, backward: bounds.before !== undefined }))
      .length > 0;
  const { after, before } = page;
  const first = items[0]?.key;
  const last = items.at(-1)?.key;
  if (first === undefined || last === undefined) {
    // An empty page lies between its bounds: what is on the far side of each is all there is on that side.
    const hasPrevious = after !== undefined && (await any(before === undefined ? {} : { before }));
    const hasNext = before !== undefined && (await any(after === undefined ? {} : { after }));
    return { items, hasNext, hasPrevious };
  }
  const [hasPrevious, hasNext] = await Promise.all([
    (page.backward && isCut) || any({ before: first }),
    (!page.backward && isCut) || any({ after: last }),
  ]);
  return { items, hasNext, hasPrevious };
}

/** A page of the sidebar. With `unreadOnly` it walks on until the page is full: one call of each store per 200. */
export function sidebarPage(
  ports: Ports,
  viewer: Viewer,
  filter: SidebarFilter,
  page: KeysetPage,
): Promise<KeysetSlice<Membership>> {
  if (filter.unreadOnly) return unreadPage(ports, viewer, filter, page);
  const { orderBy, types } = filter;
  return ports.memberships.pageOfUser(viewer.tenant.organizationId, viewer.userId, {
    ...page,
    orderBy,
    ...(types === undefined ? {} : { types }),
  });
}

/** `head - checkpoint`, never negative: a checkpoint may be read a moment after the head was. */
export const unreadCount = (head: number, checkpoint: number): number => Math.max(0, head - checkpoint);

/** Channels whose heads are asked for in one call. */
const HEADS = 1_000;

/** Unread messages in all channels that are not muted: three store calls, one more for each thousand channels. */
export async function unreadTotal(ports: Ports, viewer: Viewer): Promise<number> {
  const { organizationId } = viewer.tenant;
  const ids = await ports.memberships.channelIdsOf(organizationId, viewer.userId);
  if (ids.length === 0) return 0;
  const memberships = await ports.memberships.ofUser(organizationId, viewer.userId, ids);
  const loud = memberships.filter((m) => !m.isMuted);
  let total = 0;
  for (let from = 0; from < loud.length; from += HEADS) {
    const some = loud.slice(from, from + HEADS);
    const heads = await ports.messages.heads(some.map(({ channelId }) => ({ organizationId, channelId })));
    total += some.reduce((sum, m, i) => sum + unreadCount(heads[i] ?? 0, m.checkpoint), 0);
  }
  return total;
}
