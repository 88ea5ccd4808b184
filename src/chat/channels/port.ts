/** Channels and memberships as the domain needs them; kept in Postgres (or PGlite). Every call has a deadline. */
import type { OutboxRow } from '../outbox/port.ts';
import type { KeysetPage, KeysetSlice } from '../people/port.ts';

export type ChannelType = 'CHANNEL' | 'DM' | 'THREAD';
export type Visibility = 'PUBLIC' | 'PRIVATE';
export type PostingPolicy = 'EVERYONE' | 'ADMINS';
export type Role = 'MEMBER' | 'ADMIN';

export interface Channel {
  readonly id: string;
  readonly organizationId: string;
  readonly type: ChannelType;
  /** A thread's are its parent's: this, the posting policy, and when it was archived. */
  readonly visibility: Visibility;
  readonly postingPolicy: PostingPolicy;
  /** Empty for DMs and threads. */
  readonly name: string;
  readonly handle: string;
  readonly topic: string;
  readonly createdAt: Date;
  readonly archivedAt: Date | null;
  /** Of a thread: the message that it answers. Null for the other types. */
  readonly root: ThreadRoot | null;
}

/** Number of a message, and the channel it is in. */
export interface ThreadRoot {
  readonly channelId: string;
  readonly seq: number;
}

export interface Membership {
  readonly id: string;
  readonly organizationId: string;
  readonly channelId: string;
  readonly userId: string;
  readonly role: Role;
  readonly joinedAt: Date;
  /** Halved every 7 days since `affinityAt`; the score now is arithmetic on both. */
  readonly affinity: number;
  readonly affinityAt: Date;
  readonly isMuted: boolean;
  readonly notifyAlways: boolean;
  /** Number of the last message read. */
  readonly checkpoint: number;
}

/** A channel and where one person stands in it. */
export interface ChannelPlace {
  readonly channel: Channel;
  readonly membership: Membership | null;
  /** Of a thread: theirs in its parent. Null for every other channel. */
  readonly parentMembership: Membership | null;
}

export interface ChannelStore {
  byIds(organizationId: string, ids: readonly string[]): Promise<readonly Channel[]>;
  /**
   * What `byIds` would answer of one now, at once: null for none; undefined, it has to be asked. Absent where others write
   * to the database as well.
   */
  byIdNow?(organizationId: string, id: string): Channel | null | undefined;
  /**
   * What `byIds` and the person's `MembershipStore.ofUser` would answer, of one moment. Absent where both answer from memory:
   * there it would ask what is known.
   */
  placesOf?(
    organizationId: string,
    userId: string,
    channelIds: readonly string[],
  ): Promise<readonly ChannelPlace[]>;
  byHandle(organizationId: string, handle: string): Promise<Channel | null>;
  /**
   * Creates the channel and its first members (the creator as ADMIN) in one transaction. `id` names the creation:
   * a repeat returns the channel of that id as it is. 'HANDLE_TAKEN' when another channel has the handle.
   */
  create(input: {
    id: string;
    organizationId: string;
    type: Exclude<ChannelType, 'THREAD'>;
    visibility: Visibility;
    postingPolicy: PostingPolicy;
    name: string;
    handle: string;
    topic: string;
    creatorId: string | null;
    memberIds: readonly string[];
    createdAt?: Date;
    /** For imports: archived from the first moment. */
    archivedAt?: Date;
  }): Promise<Channel | 'HANDLE_TAKEN'>;
  /** The one DM of exactly these people (the key is the sorted set of their ids); made at the first call, also when raced. */
  openDirectMessage(input: {
    id: string;
    organizationId: string;
    userIds: readonly string[];
  }): Promise<Channel>;
  /**
   * The thread of a message, made at the first call, also when raced from several replicas: with a THREAD_OPENED row in
   * the outbox of its parent and the root's author as its follower from number 0 (if they are a member of the parent),
   * all in one transaction. `outbox` is null when it was there. Null when the parent is no channel of the organization,
   * or a thread itself.
   */
  openThread(input: {
    /** `threadIdOf` its root. */
    id: string;
    organizationId: string;
    root: ThreadRoot;
    /** Null: nobody follows it yet (for imports, which add followers at the head, when all is told). */
    rootAuthorId: string | null;
    actorId: string;
    /** For imports. */
    createdAt?: Date;
  }): Promise<{ thread: Channel; followers: readonly Membership[]; outbox: OutboxRow | null } | null>;
  /** Changes what is given, with an outbox row when anything differed; null when there is no such channel. */
  update(input: {
    organizationId: string;
    channelId: string;
    actorId: string;
    name?: string;
    topic?: string;
    postingPolicy?: PostingPolicy;
    /** Archived from now on (unless it is already), or no longer. */
    isArchived?: boolean;
  }): Promise<{ channel: Channel; outbox: OutboxRow | null } | null>;
  /** Public channels of type CHANNEL by (name, id); `search` as in UserStore.page. */
  pagePublic(organizationId: string, page: KeysetPage & { search?: string }): Promise<KeysetSlice<Channel>>;
  memberCounts(organizationId: string, channelIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** For a hint of activity; written at most every few seconds per channel by its caller. Never moves back. */
  touchActivity(organizationId: string, at: ReadonlyMap<string, Date>): Promise<void>;
}

export type MembershipOrder = 'AFFINITY' | 'LATEST_ACTIVITY' | 'NAME';

export interface MembershipStore {
  /** Of one user in some channels; channels without a membership are missing in the answer. */
  ofUser(
    organizationId: string,
    userId: string,
    channelIds: readonly string[],
  ): Promise<readonly Membership[]>;
  /** What `ofUser` would answer of one channel now, at once, as ChannelStore.byIdNow. */
  ofUserNow?(organizationId: string, userId: string, channelId: string): Membership | null | undefined;
  /** Of several users, each in one channel; in no particular order, those without a membership are missing. */
  ofUsers(
    organizationId: string,
    places: readonly { readonly userId: string; readonly channelId: string }[],
  ): Promise<readonly Membership[]>;
  byIds(organizationId: string, ids: readonly string[]): Promise<readonly Membership[]>;
  /** All channel ids of a user's sidebar (types CHANNEL and DM), in no particular order. */
  channelIdsOf(organizationId: string, userId: string): Promise<readonly string[]>;
  /**
   * A page of a user's sidebar; with `types` THREAD, of the threads they follow. AFFINITY and LATEST_ACTIVITY: highest
   * first; NAME: by channel name. The order of AFFINITY is that of the decayed score: compare log2(affinity) +
   * affinityAt / 7 days, which does not move with time.
   */
  pageOfUser(
    organizationId: string,
    userId: string,
    page: KeysetPage & { orderBy: MembershipOrder; types?: readonly ChannelType[] },
  ): Promise<KeysetSlice<Membership>>;
  /** Members of a channel by (joinedAt, id). */
  pageOfChannel(
    organizationId: string,
    channelId: string,
    page: KeysetPage,
  ): Promise<KeysetSlice<Membership>>;
  /** User ids of members, for DM titles: of many channels at once, at most 10 of each, by joinedAt. */
  memberIds(
    organizationId: string,
    channelIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Number of ADMINs of a channel. */
  adminCount(organizationId: string, channelId: string): Promise<number>;
  /**
   * Makes memberships with checkpoint = `checkpoint`; whoever is a member already stays as they are. Each new one
   * has its outbox row (unless `announce` is false, for imports), written in the same transaction.
   */
  add(input: {
    organizationId: string;
    channelId: string;
    userIds: readonly string[];
    role: Role;
    actorId: string;
    checkpoint: number;
    announce?: boolean;
  }): Promise<{ memberships: readonly Membership[]; outbox: readonly OutboxRow[] }>;
  /**
   * Makes people followers of a thread, with checkpoint = `checkpoint`: those of them who are members of its parent, in
   * the same transaction, so that nobody who leaves the parent meanwhile stays behind. `made`: those who were none
   * before. Nothing is announced. Empty when there is no such thread.
   */
  follow(input: {
    organizationId: string;
    threadId: string;
    userIds: readonly string[];
    checkpoint: number;
  }): Promise<{ memberships: readonly Membership[]; made: readonly Membership[] }>;
  /**
   * Changes what a member may do, with a CHANNEL_UPDATED row in the outbox when it differed. 'LAST_ADMIN' when the
   * channel would be left without one who is not deactivated (decided under a lock, so that two admins cannot demote
   * each other); null when they are no member.
   */
  updateRole(input: {
    organizationId: string;
    channelId: string;
    userId: string;
    role: Role;
    actorId: string;
  }): Promise<{ membership: Membership; outbox: OutboxRow | null } | 'LAST_ADMIN' | null>;
  /**
   * Ends a membership, and those in threads of the channel with it. Takes the organization's next `membershipRev` in
   * the same transaction, so that revocations are ordered by commit. Null when there was none.
   */
  remove(input: { organizationId: string; channelId: string; userId: string; actorId: string }): Promise<{
    membership: Membership;
    membershipRev: number;
    outbox: OutboxRow;
  } | null>;
  updateSettings(input: {
    organizationId: string;
    membershipId: string;
    isMuted?: boolean;
    notifyAlways?: boolean;
  }): Promise<Membership | null>;
  /**
   * Many checkpoints and affinities in one statement, rows locked in key order first. `to` only moves a
   * checkpoint forward, except with `backward`. With `onlyFrom`, an own send's: from that number alone; one that comes
   * before the move of an earlier own send is passed together with that one. `isJoining`: what lies before is no news
   * to them, as if they had joined there. Answers the memberships as they are afterwards, in the order asked;
   * null where there is none. Several moves of one membership are applied in the order given.
   */
  advance(
    moves: readonly {
      organizationId: string;
      channelId: string;
      userId: string;
      checkpoint?: { to: number; backward: boolean; onlyFrom?: number; isJoining?: boolean };
      /** Added to the score as decayed to `at`. */
      affinity?: { points: number; at: Date };
    }[],
  ): Promise<readonly (Membership | null)[]>;
}
