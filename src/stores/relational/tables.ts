/**
 * The tables as the newest migration leaves them; for Kysely's types alone. Instants are timestamptz(3), so that a
 * Date holds them exactly. bigint columns come as text from one driver and as numbers from the other.
 */
import type { ColumnType, Generated, GeneratedAlways, Kysely, Selectable } from 'kysely';
import type { ChannelType, PostingPolicy, Role, Visibility } from '../../chat/channels/port.ts';
import type { Revoked } from '../../chat/live/leases.ts';
import type { OutboxRow as DomainOutboxRow } from '../../chat/outbox/port.ts';

type Bigint = ColumnType<string | number | bigint, number | undefined, number>;

export interface CellTable {
  name: string;
  epoch: Generated<number>;
  created_at: Generated<Date>;
}

export interface OrganizationTable {
  id: string;
  slug: string;
  name: string;
  cell: string;
  /** Number of the newest membership that ended; taken by UPDATE, so that numbers come in commit order. */
  membership_rev: Bigint;
  created_at: Generated<Date>;
}

export interface UserTable {
  organization_id: string;
  id: string;
  subject: string;
  handle: string;
  name: string;
  /** `nameKey(name)`: what names are sorted and searched by. */
  name_key: string;
  avatar_url: string | null;
  is_bot: Generated<boolean>;
  created_at: Generated<Date>;
  deactivated_at: Date | null;
}

export interface ChannelTable {
  organization_id: string;
  id: string;
  type: ChannelType;
  visibility: Visibility;
  posting_policy: PostingPolicy;
  name: string;
  name_key: string;
  /** Empty for DMs and threads. */
  handle: string;
  topic: string;
  /** Of a DM opened by its people: names the set of them. */
  dm_key: string | null;
  /** Of a thread: the channel and the number of its root. Null for the other types. */
  parent_id: ColumnType<string | null, string | undefined, never>;
  root_seq: ColumnType<string | number | bigint | null, number | undefined, never>;
  created_at: Generated<Date>;
  archived_at: Date | null;
  last_activity_at: Generated<Date>;
}

export interface MembershipTable {
  organization_id: string;
  id: string;
  channel_id: string;
  user_id: string;
  role: Role;
  joined_at: Generated<Date>;
  affinity: Generated<number>;
  affinity_at: Generated<Date>;
  is_muted: Generated<boolean>;
  notify_always: Generated<boolean>;
  checkpoint: Bigint;
  /** Where the log ended when they came in: nothing up to it is news to them. */
  joined_seq: Bigint;
  /** Own sends that were noted ahead of those before them: the checkpoint passes them with those. */
  own_ahead: ColumnType<readonly (string | number)[], undefined, readonly number[]>;
}

/** How far each channel was looked through for what it says to whom. */
export interface NotifiedTable {
  organization_id: string;
  channel_id: string;
  seq: Bigint;
}

export interface NotificationTable {
  organization_id: string;
  channel_id: string;
  seq: Bigint;
  user_id: string;
  /** Begins with the number: orders what has the same time. */
  id: string;
  reason: 'MENTION' | 'DIRECT_MESSAGE' | 'THREAD_REPLY';
  created_at: Date;
}

/** Messages that name a whole channel. */
export interface ChannelMentionTable {
  organization_id: string;
  channel_id: string;
  seq: Bigint;
  id: string;
  author_id: string;
  kind: 'CHANNEL' | 'HERE';
  created_at: Date;
}

/** Messages whose change may not be counted yet. */
export interface RecountTable {
  id: string;
  organization_id: string;
  channel_id: string;
  seq: Bigint;
  created_at: Generated<Date>;
}

export interface OutboxTable {
  id: string;
  organization_id: string;
  channel_id: string;
  kind: DomainOutboxRow['kind'];
  actor_id: string;
  user_id: string | null;
  /** Of THREAD_OPENED. */
  thread_id: string | null;
  root_seq: string | number | bigint | null;
  created_at: Generated<Date>;
  /** Commit order within a channel. */
  position: GeneratedAlways<string>;
}

export interface RevocationTable {
  organization_id: string;
  rev: Bigint;
  user_id: string;
  /** Null: the person was deactivated. */
  channel_id: string | null;
  membership_id: string | null;
  reason: Revoked['reason'];
  may_still_read: Generated<boolean>;
  /** The transaction that wrote it. */
  tx: GeneratedAlways<string>;
  at: Generated<Date>;
}

export interface EdgeLeaseTable {
  edge_id: string;
  round: Bigint;
  carried: Bigint;
  /** Where clients reach it; null while it takes none. */
  url: string | null;
  connections: Generated<number>;
  expires_at: Date;
}

export interface Tables {
  cells: CellTable;
  organizations: OrganizationTable;
  users: UserTable;
  channels: ChannelTable;
  memberships: MembershipTable;
  outbox: OutboxTable;
  notified: NotifiedTable;
  notifications: NotificationTable;
  channel_mentions: ChannelMentionTable;
  recounts: RecountTable;
  revocations: RevocationTable;
  edge_leases: EdgeLeaseTable;
}

/** The database, or a transaction of it: repository functions take either. */
export type Queries = Kysely<Tables>;

export type UserRow = Selectable<UserTable>;
export type ChannelRow = Selectable<ChannelTable>;
export type MembershipRow = Selectable<MembershipTable>;
export type OutboxTableRow = Selectable<OutboxTable>;
