/** Creating a channel: its handle, its first members, and what makes a repeat return the first one. */
import { badInput, conflict } from '../errors.ts';
import { uuidv7, uuidv8 } from '../ids.ts';
import { limits } from '../limits.ts';
import { requireUsers } from '../people/people.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { checkHandle, checkName, checkTopic, handlesFor } from './handle.ts';
import { tellNewMembers } from './joined.ts';
import { requireReadable } from './permission.ts';
import type { Channel, PostingPolicy, Visibility } from './port.ts';

export interface CreateInput {
  readonly clientChannelId: string | null;
  readonly name: string;
  readonly handle: string | null;
  readonly topic: string;
  readonly visibility: Visibility;
  readonly postingPolicy: PostingPolicy;
  readonly memberIds: readonly string[];
}

/**
 * The id of a creation that the client named: the same for each repeat, and nothing that another tenant or user
 * could guess or meet, since their ids go into it.
 */
export const creationId = (viewer: Viewer, clientChannelId: string): string =>
  uuidv8('channel', viewer.tenant.organizationId, viewer.userId, clientChannelId);

/** The channel of an earlier try; null when there is none. Throws NOT_FOUND when the viewer has been removed since. */
async function earlier(ports: Ports, viewer: Viewer, id: string): Promise<Channel | null> {
  const [channel] = await ports.channels.byIds(viewer.tenant.organizationId, [id]);
  return channel === undefined ? null : (await requireReadable(ports, viewer, id)).channel;
}

/** Throws CONFLICT for a handle that is taken; a handle made from the name gets a suffix instead. */
export async function createChannel(ports: Ports, viewer: Viewer, input: CreateInput): Promise<Channel> {
  const name = checkName(input.name);
  const topic = checkTopic(input.topic);
  const handles = input.handle === null ? handlesFor(name) : [checkHandle(input.handle)];
  const memberIds = [...new Set([...input.memberIds, viewer.userId])];
  if (memberIds.length > limits.pageSize) {
    throw badInput(`A channel begins with at most ${limits.pageSize} members; add the others to it.`);
  }
  const { organizationId } = viewer.tenant;
  const id =
    input.clientChannelId === null ? uuidv7(ports.clock.now()) : creationId(viewer, input.clientChannelId);
  if (input.clientChannelId !== null) {
    const first = await earlier(ports, viewer, id);
    if (first !== null) return first;
  }
  await requireUsers(ports, viewer, memberIds);
  const { visibility, postingPolicy } = input;
  const creation = { id, organizationId, visibility, postingPolicy, name, topic, memberIds };
  for (const handle of handles) {
    const made = await ports.channels.create({
      ...creation,
      type: 'CHANNEL',
      handle,
      creatorId: viewer.userId,
    });
    if (made === 'HANDLE_TAKEN') continue;
    const members = await ports.memberships.pageOfChannel(organizationId, id, {
      limit: limits.pageSize,
      backward: false,
    });
    tellNewMembers(
      ports,
      members.items.map((item) => item.node),
    );
    return made;
  }
  if (input.handle !== null) throw conflict(`The handle ${input.handle} is taken.`);
  throw conflict('No free handle was found for this name. Give one as `handle`.');
}
