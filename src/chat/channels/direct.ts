/** The one direct conversation of some people: made at the first call, the same for each of them ever after. */
import { badInput } from '../errors.ts';
import { uuidv7 } from '../ids.ts';
import { limits } from '../limits.ts';
import { requireUsers } from '../people/people.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { tellNewMembers } from './joined.ts';
import type { Channel } from './port.ts';

/** @param otherIds the others; the viewer's own id and repetitions do not count. None: notes to self. */
export async function openDirectMessage(
  ports: Ports,
  viewer: Viewer,
  otherIds: readonly string[],
): Promise<Channel> {
  const userIds = [...new Set([...otherIds, viewer.userId])];
  if (userIds.length - 1 > limits.dmOthers) {
    throw badInput(`A direct conversation has at most ${limits.dmOthers} others. Create a private channel.`);
  }
  await requireUsers(ports, viewer, userIds);
  const { organizationId } = viewer.tenant;
  const id = uuidv7(ports.clock.now());
  const channel = await ports.channels.openDirectMessage({ id, organizationId, userIds });
  // Another id means that it was there before: nobody's sidebar has changed.
  if (channel.id === id) {
    const members = await ports.memberships.pageOfChannel(organizationId, id, {
      limit: limits.dmOthers + 1,
      backward: false,
    });
    tellNewMembers(
      ports,
      members.items.map((item) => item.node),
    );
  }
  return channel;
}
