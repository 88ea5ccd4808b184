/** Subscription.presence: who of these people is there, and then whenever that changes. */
import { badInput } from '../../src/chat/errors.ts';
import { limits } from '../../src/chat/limits.ts';
import type { EventFeed } from '../../src/chat/live/port.ts';
import type { User } from '../../src/chat/people/port.ts';
import type { PresenceChange } from '../../src/chat/presence/port.ts';
import { type Context, viewerOf } from '../context.ts';
import { found } from '../found.ts';
import { uuidOf } from '../global-id.ts';

export async function presence(
  args: { readonly userIds: readonly string[] },
  context: Context,
): Promise<EventFeed<PresenceChange>> {
  const viewer = viewerOf(context);
  // Before so many ids are even looked at.
  if (args.userIds.length > limits.presencePeople) {
    throw badInput(`At most ${limits.presencePeople} people can be watched by one subscription.`);
  }
  const ids = args.userIds.map((id) => uuidOf('User', id));
  return context.chat.presence.watch(viewer, ids);
}

export const changedUser = async ({ user, userId }: PresenceChange, { loaders }: Context): Promise<User> =>
  user ?? found('The user', await loaders.users.load(userId));
