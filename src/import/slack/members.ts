/**
 * Who is in a conversation, once all of it is there: everything in it counts as read. A run that added nothing and
 * finds them here leaves members alone, since some may have left.
 */
import { inParallel } from './in-parallel.ts';
import type { OpenConversation } from './open-conversation.ts';
import { patiently } from './patience.ts';
import type { People } from './people.ts';
import type { Run } from './run.ts';
import type { Staging } from './staging.ts';

const MEMBERS_AT_ONCE = 500;
/** Threads whose heads are read at once, and of which so many get their followers at once. */
const THREADS_AT_ONCE = 64;
const FOLLOWED_AT_ONCE = 8;

interface State {
  readonly head: number;
  readonly added: number;
}

export async function addMembers(
  run: Run,
  opened: OpenConversation,
  people: People,
  state: State,
): Promise<void> {
  if (opened.listed.kind === 'DIRECT') await markRead(run, opened.channel.id, state.head);
  else await addToChannel(run, opened, people, state);
}

/** The people of a direct conversation are in it from its first moment; whoever has read nothing yet has read this. */
async function markRead(run: Run, channelId: string, head: number): Promise<void> {
  const { memberships } = run.stores;
  const organizationId = run.organization.id;
  const members = await patiently(run, () =>
    memberships.pageOfChannel(organizationId, channelId, { limit: 50, backward: false }),
  );
  const moves = members.items.map(({ node: { userId } }) => ({
    organizationId,
    channelId,
    userId,
    checkpoint: { to: head, backward: false, onlyFrom: 0, isJoining: true },
  }));
  if (moves.length > 0) await patiently(run, () => memberships.advance(moves));
}

/**
 * The one who made the channel comes last, as its admin; whoever comes last is a member only if all are.
 */
async function addToChannel(
  run: Run,
  { listed, channel }: OpenConversation,
  people: People,
  { head, added }: State,
): Promise<void> {
  if (listed.kind !== 'CHANNEL') return;
  const { memberships } = run.stores;
  const organizationId = run.organization.id;
  const creator = listed.slack.creator ?? '';
  const ids = [...new Set(listed.slack.members ?? [])].sort(
    (a, b) => Number(a === creator) - Number(b === creator),
  );
  const present = ids.flatMap((slackId) => {
    const person = people.listed(slackId);
    return person === null || person.isDeactivated ? [] : [{ id: person.id, isCreator: slackId === creator }];
  });
  const last = present.at(-1);
  if (last === undefined) return;
  if (added === 0) {
    const [there] = await patiently(run, () => memberships.ofUser(organizationId, last.id, [channel.id]));
    if (there !== undefined) return;
  }
  const groups: { readonly role: 'MEMBER' | 'ADMIN'; readonly userIds: string[] }[] = [];
  for (const { id, isCreator } of present) {
    const role = isCreator ? 'ADMIN' : 'MEMBER';
    const group = groups.at(-1);
    if (group?.role === role && group.userIds.length < MEMBERS_AT_ONCE) group.userIds.push(id);
    else groups.push({ role, userIds: [id] });
  }
  for (const { role, userIds } of groups) {
    const made = await patiently(run, () =>
      memberships.add({
        organizationId,
        channelId: channel.id,
        userIds,
        role,
        actorId: last.id,
        checkpoint: head,
        announce: false,
      }),
    );
    run.tally.add('memberships', made.memberships.length);
  }
}

/** Followers of threads: those of them who are members of the conversation, everything read. */
export async function addFollowers(run: Run, staging: Staging): Promise<void> {
  const organizationId = run.organization.id;
  const { memberships, messages } = run.stores;
  for (let after = ''; !run.signal.aborted; ) {
    const threads = staging.followed(after, THREADS_AT_ONCE);
    const last = threads.at(-1);
    if (last === undefined) return;
    after = last.threadId;
    const heads = await patiently(run, () =>
      messages.heads(threads.map(({ threadId }) => ({ organizationId, channelId: threadId }))),
    );
    await inParallel([...threads.entries()], FOLLOWED_AT_ONCE, async ([i, { threadId, userIds }]) => {
      const checkpoint = heads[i] ?? 0;
      const { made } = await patiently(run, () =>
        memberships.follow({ organizationId, threadId, userIds, checkpoint }),
      );
      run.tally.add('followers', made.length);
    });
  }
}
