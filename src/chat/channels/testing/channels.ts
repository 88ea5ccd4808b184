/** Channels for contract suites, made with as few words as a test needs. */
import { randomUUID } from 'node:crypto';
import type { NotificationStore } from '../../notifications/port.ts';
import type { OutboxStore } from '../../outbox/port.ts';
import type { PeopleStores } from '../../people/testing/tenant.ts';
import type { Channel, ChannelStore, Membership, MembershipStore } from '../port.ts';
import { threadIdOf } from '../thread-id.ts';

export interface ChannelStores extends PeopleStores {
  readonly channels: ChannelStore;
  readonly memberships: MembershipStore;
  readonly outbox: OutboxStore;
  readonly notifications: NotificationStore;
}

type CreateInput = Parameters<ChannelStore['create']>[0];

/** What `create` takes: a public channel without members under a random handle, unless told otherwise. */
export const creation = (given: Pick<CreateInput, 'organizationId'> & Partial<CreateInput>): CreateInput => ({
  id: randomUUID(),
  type: 'CHANNEL',
  visibility: 'PUBLIC',
  postingPolicy: 'EVERYONE',
  name: 'General',
  handle: `c-${randomUUID()}`.slice(0, 40),
  topic: '',
  creatorId: null,
  memberIds: [],
  ...given,
});

export async function freshChannel(
  stores: ChannelStores,
  given: Parameters<typeof creation>[0],
): Promise<Channel> {
  const made = await stores.channels.create(creation(given));
  if (made === 'HANDLE_TAKEN') throw new Error('the handle was taken');
  return made;
}

/** The thread of a message of the channel, said by `authorId`. */
export async function freshThread(
  stores: ChannelStores,
  parent: Channel,
  given: { readonly authorId: string; readonly seq?: number; readonly actorId?: string },
): Promise<Channel> {
  const { authorId, seq = 1, actorId = authorId } = given;
  const root = { channelId: parent.id, seq };
  const { organizationId } = parent;
  const id = threadIdOf(organizationId, root);
  const opened = await stores.channels.openThread({
    id,
    organizationId,
    root,
    rootAuthorId: authorId,
    actorId,
  });
  if (opened === null) throw new Error('no thread was made');
  return opened.thread;
}

/** The membership of one person in one channel; throws when there is none. */
export async function membershipOf(
  stores: ChannelStores,
  channel: Channel,
  userId: string,
): Promise<Membership> {
  const [membership] = await stores.memberships.ofUser(channel.organizationId, userId, [channel.id]);
  if (membership === undefined) throw new Error('no such membership');
  return membership;
}
