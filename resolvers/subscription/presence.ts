/** Subscription.presence: who of these people is there, and then whenever that changes. */
import { badInput, ChatError } from '../../src/chat/errors.ts';
import { limits } from '../../src/chat/limits.ts';
import type { EventFeed } from '../../src/chat/live/port.ts';
import type { User } from '../../src/chat/people/port.ts';
import type { PresenceChange } from '../../src/chat/presence/port.ts';
import { type Context, viewerOf } from '../context.ts';
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

/** As they are now; with the database away, as they were: that they came or went is told all the same. */
export async function changedUser(change: PresenceChange, { loaders }: Context): Promise<User> {
  const { user, isFresh, presence: shown } = change;
  loaders.presences.clear(user.id).prime(user.id, shown);
  if (isFresh) return user;
  try {
    return (await loaders.users.load(user.id)) ?? user;
  } catch (error) {
    if (error instanceof ChatError && error.code === 'UNAVAILABLE') return user;
    throw error;
  }
}
