/** Changing a channel's name, topic and posting policy, archiving it and taking it back: by its admins. */
import { forbidden, notFound } from '../errors.ts';
import { announce } from '../outbox/announcer.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import type { ReadableChannel } from './access.ts';
import { checkName, checkTopic } from './handle.ts';
import { isChannelAdmin, refuseArchived, requireReadable } from './permission.ts';
import type { Channel, ChannelStore, PostingPolicy } from './port.ts';

export interface ChannelChanges {
  readonly channelId: string;
  readonly name?: string;
  readonly topic?: string;
  readonly postingPolicy?: PostingPolicy;
}

/** Changes what is given; the handle stays, so that links do. */
export async function updateChannel(ports: Ports, viewer: Viewer, changes: ChannelChanges): Promise<Channel> {
  const { channelId, name, topic, postingPolicy } = changes;
  const checked = {
    ...(name === undefined ? {} : { name: checkName(name) }),
    ...(topic === undefined ? {} : { topic: checkTopic(topic) }),
    ...(postingPolicy === undefined ? {} : { postingPolicy }),
  };
  const place = await requireChangeable(ports, viewer, channelId);
  refuseArchived(place.channel);
  return change(ports, viewer, channelId, checked);
}

/** Nothing can be sent, changed or joined from now on; all of it can be read. A repeat changes nothing. */
export const archiveChannel = (ports: Ports, viewer: Viewer, channelId: string): Promise<Channel> =>
  archive(ports, viewer, channelId, true);

/** As before it was archived, with the same members. */
export const unarchiveChannel = (ports: Ports, viewer: Viewer, channelId: string): Promise<Channel> =>
  archive(ports, viewer, channelId, false);

async function archive(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  isArchived: boolean,
): Promise<Channel> {
  await requireChangeable(ports, viewer, channelId);
  return change(ports, viewer, channelId, { isArchived });
}

async function requireChangeable(ports: Ports, viewer: Viewer, channelId: string): Promise<ReadableChannel> {
  const place = await requireReadable(ports, viewer, channelId);
  const { type } = place.channel;
  if (type === 'DM') throw forbidden('A direct conversation has no settings of its own.');
  if (type === 'THREAD') throw forbidden('A thread has no settings of its own: they are its channel’s.');
  if (!isChannelAdmin(viewer, place)) throw forbidden('Only admins of the channel change it.');
  return place;
}

async function change(
  ports: Ports,
  viewer: Viewer,
  channelId: string,
  changes: Omit<Parameters<ChannelStore['update']>[0], 'organizationId' | 'channelId' | 'actorId'>,
): Promise<Channel> {
  const updated = await ports.channels.update({
    organizationId: viewer.tenant.organizationId,
    channelId,
    actorId: viewer.userId,
    ...changes,
  });
  if (updated === null) throw notFound('The channel');
  if (updated.outbox !== null) await announce(ports, [updated.outbox]);
  return updated.channel;
}
