/** Reaction.users and Reaction.viewerHasReacted: who reacted so. */
import { badInput } from '../../src/chat/errors.ts';
import { limits } from '../../src/chat/limits.ts';
import { REACTORS_KEPT } from '../../src/chat/log/entries.ts';
import type { Reaction } from '../../src/chat/messages/reaction.ts';
import type { User } from '../../src/chat/people/port.ts';
import type { Context } from '../context.ts';

/** The first `first` of them, in the order in which they did. */
export async function users(
  reaction: Reaction,
  args: { readonly first?: number | null | undefined },
  { loaders }: Context,
): Promise<User[]> {
  const first = args.first ?? REACTORS_KEPT;
  if (first < 0 || first > limits.pageSize) {
    throw badInput(`\`first\` is a number from 0 to ${limits.pageSize}.`);
  }
  const ids = await loaders.reactors.load({ reaction, first });
  const people = await Promise.all(ids.map((id) => loaders.users.load(id)));
  return people.filter((person) => person !== null);
}

export const viewerHasReacted = (reaction: Reaction, { loaders }: Context): Promise<boolean> =>
  loaders.viewerReacted.load(reaction);
