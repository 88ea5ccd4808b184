/** Reaction.users and Reaction.viewerHasReacted: who reacted so. */
import { badInput } from '../../src/chat/errors.ts';
import { limits } from '../../src/chat/limits.ts';
import { REACTORS_KEPT } from '../../src/chat/log/entries.ts';
import { isWhole, type Reaction } from '../../src/chat/messages/reaction.ts';
import type { User } from '../../src/chat/people/port.ts';
import type { Context } from '../context.ts';

/**
 * The first `first` of them, in the order in which they did; at once when all that takes is known already, as it
 * mostly is where an event is executed for each of many viewers.
 */
export function users(
  reaction: Reaction,
  args: { readonly first?: number | null | undefined },
  { loaders }: Context,
): User[] | Promise<User[]> {
  const first = args.first ?? REACTORS_KEPT;
  if (first < 0 || first > limits.pageSize) {
    throw badInput(`\`first\` is a number from 0 to ${limits.pageSize}.`);
  }
  if (first > reaction.summary.first.length && !isWhole(reaction)) {
    return loaders.reactors.load({ reaction, first }).then((ids) => peopleOf(ids, loaders));
  }
  return peopleOf(reaction.summary.first.slice(0, first), loaders);
}

function peopleOf(ids: readonly string[], { users }: Context['loaders']): User[] | Promise<User[]> {
  const known = ids.map((id) => users.peek(id));
  if (known.includes(undefined)) return Promise.all(ids.map((id) => users.load(id))).then(present);
  return present(known);
}

const present = (people: readonly (User | null | undefined)[]): User[] =>
  people.filter((person) => person != null);

/** At once when those who lie with the message tell it. Who the viewer is stays with the loader: many answer alike. */
export const viewerHasReacted = (reaction: Reaction, { loaders }: Context): boolean | Promise<boolean> =>
  loaders.viewerReacted.peek(reaction) ?? loaders.viewerReacted.load(reaction);
