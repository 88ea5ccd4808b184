/**
 * Threads: channels under a message. Opening one is repeatable from any replica and after any crash: its id follows
 * from its root, Postgres makes it once, and the outbox tells the parent's change log, which puts it on the root.
 */
import { badInput, conflict, forbidden, notFound } from '../errors.ts';
import { announce } from '../outbox/announcer.ts';
import type { Ports } from '../ports.ts';
import type { Viewer } from '../viewer.ts';
import { type ReadableChannel, readableChannels } from './access.ts';
import { requirePoster } from './permission.ts';
import type { Channel, Membership, ThreadRoot } from './port.ts';
import { threadIdOf } from './thread-id.ts';

/** The thread of a message: as it is for whoever may read it, made by whoever may send to the message's channel. */
export async function openThread(ports: Ports, viewer: Viewer, root: ThreadRoot): Promise<Channel> {
  const { parent, thread } = await threadPlace(ports, viewer, root);
  if (thread !== null) return thread.channel;
  requirePoster(viewer, parent);
  return makeThread(ports, viewer, root);
}

/**
 * The thread that a reply goes to, opened if need be, with the viewer as its follower. Refuses what may not be sent
 * to the parent before anything is made.
 */
export async function threadForReply(ports: Ports, viewer: Viewer, root: ThreadRoot): Promise<Channel> {
  const { parent, thread } = await threadPlace(ports, viewer, root);
  requirePoster(viewer, parent);
  const channel = thread?.channel ?? (await makeThread(ports, viewer, root));
  if ((thread?.membership ?? null) === null) await followThread(ports, viewer, channel);
  return channel;
}

/**
 * Makes the viewer a follower, at the thread's head: what was said before they came is not unread. Before their reply
 * is saved, so that no crash leaves a reply without its follower. Throws FORBIDDEN for one who has left the parent.
 */
export async function followThread(ports: Ports, viewer: Viewer, thread: Channel): Promise<Membership> {
  const { organizationId } = viewer.tenant;
  const [checkpoint = 0] = await ports.messages.heads([{ organizationId, channelId: thread.id }]);
  const userIds = [viewer.userId];
  const followed = await ports.memberships.follow({
    organizationId,
    threadId: thread.id,
    userIds,
    checkpoint,
  });
  tellFollowers(ports, followed.made);
  const [membership] = followed.memberships;
  if (membership === undefined) throw forbidden('You have left this channel.');
  return membership;
}

interface ThreadPlace {
  readonly parent: ReadableChannel;
  /** Null until it is opened. */
  readonly thread: ReadableChannel | null;
}

/** Both are looked up at once, since the thread's id is known. */
async function threadPlace(ports: Ports, viewer: Viewer, root: ThreadRoot): Promise<ThreadPlace> {
  const threadId = threadIdOf(viewer.tenant.organizationId, root);
  const places = await readableChannels(ports, viewer, [root.channelId, threadId]);
  const parent = places.get(root.channelId);
  if (parent === undefined) throw notFound('The message');
  if (parent.channel.type === 'THREAD') {
    throw badInput('A reply in a thread has no thread of its own: send to the thread itself.');
  }
  return { parent, thread: places.get(threadId) ?? null };
}

/** The caller has checked that the viewer may send to the root's channel. */
async function makeThread(ports: Ports, viewer: Viewer, root: ThreadRoot): Promise<Channel> {
  const { organizationId } = viewer.tenant;
  const [row = null] = await ports.messages.rows([
    { channel: { organizationId, channelId: root.channelId }, seq: root.seq },
  ]);
  if (row === null) throw notFound('The message');
  // What is said already under a message that was deleted later stays, and may go on.
  if (row.entry.projection?.deletedAt !== undefined) {
    throw conflict('The message is deleted: no thread can be opened under it.');
  }
  const opened = await ports.channels.openThread({
    id: threadIdOf(organizationId, root),
    organizationId,
    root: { channelId: root.channelId, seq: root.seq },
    rootAuthorId: row.entry.authorId,
    actorId: viewer.userId,
  });
  if (opened === null) throw notFound('The message');
  tellFollowers(ports, opened.followers);
  if (opened.outbox !== null) await announce(ports, [opened.outbox]);
  return opened.thread;
}

/** Their own devices hear of it as of any change of theirs; a thread is not new to a sidebar. */
function tellFollowers(ports: Ports, followers: readonly Membership[]): void {
  for (const { organizationId, userId, channelId, id } of followers) {
    ports.publisher.membershipChanged({ organizationId, userId, channelId, membershipId: id, isNew: false });
  }
}
