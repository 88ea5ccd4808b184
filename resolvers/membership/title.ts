/** Membership.title: what to show for a channel in the viewer's sidebar. */
import type { Channel, Membership } from '../../src/chat/channels/port.ts';
import { threadTitle } from '../../src/chat/channels/thread-title.ts';
import { ChatError } from '../../src/chat/errors.ts';
import { contentNow } from '../../src/chat/messages/content.ts';
import { threadRoot } from '../channel/thread-root.ts';
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

/** The first words of its root: a title must not fail with the message store, which need not be asked for the rest. */
async function titleOfThread(channel: Channel, context: Context): Promise<string> {
  try {
    const root = await threadRoot(channel, context);
    return threadTitle(root && contentNow(root.row.entry).text);
  } catch (error) {
    if (error instanceof ChatError && error.code === 'UNAVAILABLE') return threadTitle(null);
    throw error;
  }
}

export async function title(membership: Membership, context: Context): Promise<string> {
  const channel = found('The channel', await context.loaders.channels.load(membership.channelId));
  switch (channel.type) {
    case 'DM':
      return directTitle(channel, membership.userId, context);
    case 'THREAD':
      return titleOfThread(channel, context);
    case 'CHANNEL':
      return channel.name;
  }
}
