/** Membership.title: what to show for a channel in the viewer's sidebar. */
import type { Channel, Membership } from '../../src/chat/channels/port.ts';
import type { Context } from '../context.ts';
import { found } from '../found.ts';

/** The names of the other people in a direct conversation; the viewer's own for notes to self. */
async function directTitle(channel: Channel, userId: string, { loaders }: Context): Promise<string> {
  const ids = (await loaders.memberIds.load(channel.id)) ?? [];
  const others = ids.filter((id) => id !== userId);
  const people = await Promise.all((others.length > 0 ? others : ids).map((id) => loaders.users.load(id)));
  return people
    .flatMap((person) => (person === null ? [] : [person.name]))
    .sort((a, b) => a.localeCompare(b, 'en'))
    .join(', ');
}

export async function title(membership: Membership, context: Context): Promise<string> {
  const channel = found('The channel', await context.loaders.channels.load(membership.channelId));
  return channel.type === 'DM' ? directTitle(channel, membership.userId, context) : channel.name;
}
