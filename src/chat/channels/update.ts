/** Changing a channel's name, topic and posting policy: by its admins. */
import { forbidden, notFound } from '../errors.ts';
import { announce } from '../outbox/announcer.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { checkName, checkTopic } from './handle.ts';
import { isChannelAdmin, requireReadable } from './permission.ts';
import type { Channel, PostingPolicy } from './port.ts';

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
  const place = await requireReadable(ports, viewer, channelId);
  if (place.channel.type !== 'CHANNEL') throw forbidden('A direct conversation has no settings of its own.');
  if (!isChannelAdmin(viewer, place)) throw forbidden('Only admins of the channel change it.');
  const updated = await ports.channels.update({
    organizationId: viewer.tenant.organizationId,
    channelId,
    actorId: viewer.userId,
    ...checked,
  });
  if (updated === null) throw notFound('The channel');
  if (updated.outbox !== null) await announce(ports, [updated.outbox]);
  return updated.channel;
}
