/** The viewer's own settings of a channel: muted, told of everything. */
import { requireOwnMembership, requireReadable } from '../channels/permission.ts';
import type { Membership } from '../channels/port.ts';
import { forbidden } from '../errors.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';

export interface MembershipSettings {
  readonly channelId: string;
  readonly isMuted?: boolean;
  readonly notifyAlways?: boolean;
}

/** Changes what is given; the viewer's other devices are told. */
export async function updateSettings(
  ports: Ports,
  viewer: Viewer,
  settings: MembershipSettings,
): Promise<Membership> {
  const { channelId, ...changes } = settings;
  const membership = requireOwnMembership(await requireReadable(ports, viewer, channelId));
  const { organizationId } = viewer.tenant;
  const after = await ports.memberships.updateSettings({
    organizationId,
    membershipId: membership.id,
    ...changes,
  });
  if (after === null) throw forbidden('You have left this channel.');
  const { userId } = viewer;
  ports.publisher.membershipChanged({
    organizationId,
    userId,
    channelId,
    membershipId: after.id,
    isNew: false,
  });
  return after;
}
