/** Channels and memberships of a test, kept in memory; reading them may be held up, or fail. */
import type { Channel, Membership, Visibility } from '../../chat/channels/port.ts';
import { unavailable } from '../../chat/errors.ts';
import type { Revoked } from '../../chat/live/leases.ts';
import type { LiveOptions } from '../live-parts.ts';
import type { ChannelRevocation } from '../revocation.ts';

export interface FakeMemberships {
  readonly stores: Pick<LiveOptions, 'channels' | 'memberships'>;
  isDown: boolean;
  reads: number;
  /** Runs after an answer was found and before it is given: what happens meanwhile is not in it. */
  beforeAnswer: () => Promise<void>;
  channel(id: string, visibility?: Visibility): void;
  /** A thread under a message of the channel. */
  thread(id: string, parentId: string): void;
  /** Returns the membership's id. */
  join(channelId: string, userId: string): string;
  /** Ends it, and gives what Postgres would write down of that; of no membership, what a repeat says. */
  leave(channelId: string, userId: string): ChannelRevocation;
}

/** Where that is written down, with its number. */
type Commit = (revoked: Omit<Revoked, 'rev'>) => Revoked;

export function fakeMemberships(
  organizationId: string,
  commit: Commit = (revoked) => ({ ...revoked, rev: 1 }),
): FakeMemberships {
  const channels = new Map<string, Channel>();
  const memberships = new Map<string, Membership>();
  let made = 0;
  const answer = async <T>(read: () => T): Promise<T> => {
    if (fake.isDown) throw unavailable('database');
    fake.reads += 1;
    await new Promise((resolve) => setImmediate(resolve));
    const result = read();
    await fake.beforeAnswer();
    return result;
  };
  const mine = (organization: string, userId: string): Membership[] =>
    [...memberships.values()].filter((m) => m.organizationId === organization && m.userId === userId);

  const fake: FakeMemberships = {
    isDown: false,
    reads: 0,
    beforeAnswer: async () => undefined,
    stores: {
      channels: {
        byIds: (organization, ids) =>
          answer(() => {
            const found = ids.map((id) => channels.get(id)).filter((c) => c !== undefined);
            return found.filter((c) => c.organizationId === organization);
          }),
      },
      memberships: {
        channelIdsOf: (organization, userId) =>
          answer(() => mine(organization, userId).map(({ channelId }) => channelId)),
        ofUser: (organization, userId, ids) =>
          answer(() => mine(organization, userId).filter(({ channelId }) => ids.includes(channelId))),
      },
    },
    channel(id, visibility = 'PRIVATE') {
      channels.set(id, {
        id,
        organizationId,
        type: 'CHANNEL',
        visibility,
        postingPolicy: 'EVERYONE',
        name: id,
        handle: id,
        topic: '',
        createdAt: new Date(0),
        archivedAt: null,
        root: null,
      });
    },
    thread(id, parentId) {
      const parent = channels.get(parentId);
      if (parent === undefined) throw new Error('a thread has a parent');
      channels.set(id, { ...parent, id, type: 'THREAD', root: { channelId: parentId, seq: 1 } });
    },
    join(channelId, userId) {
      made += 1;
      const id = `membership-${made}`;
      memberships.set(`${channelId}/${userId}`, {
        id,
        organizationId,
        channelId,
        userId,
        role: 'MEMBER',
        joinedAt: new Date(0),
        affinity: 0,
        affinityAt: new Date(0),
        isMuted: false,
        notifyAlways: false,
        checkpoint: 0,
      });
      return id;
    },
    leave(channelId, userId) {
      const membershipId = memberships.get(`${channelId}/${userId}`)?.id ?? null;
      const mayStillRead = channels.get(channelId)?.visibility === 'PUBLIC';
      const ended = {
        organizationId,
        userId,
        channelId,
        membershipId,
        reason: 'REMOVED',
        mayStillRead,
      } as const;
      if (!memberships.delete(`${channelId}/${userId}`)) return { ...ended, membershipRev: null };
      return { ...ended, membershipRev: commit(ended).rev };
    },
  };
  return fake;
}
