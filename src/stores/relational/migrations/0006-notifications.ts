/**
 * Notifications: who was told of which message, which messages named a whole channel, and how far each channel was
 * looked through for both. Beside them what memberships need so that counts are exact: where somebody came in, and own
 * sends that were noted ahead of those before them.
 */
import { type Kysely, sql } from 'kysely';

const statements = [
  // Whoever is there already has read up to their checkpoint: nothing before it is news.
  sql`alter table memberships
    add column joined_seq bigint not null default 0 check (joined_seq >= 0),
    add column own_ahead bigint[] not null default '{}'`,
  sql`update memberships set joined_seq = checkpoint where checkpoint > 0`,
  sql`create index memberships_told_of_all on memberships (organization_id, channel_id) where notify_always`,

  // Who looks for channels that were left behind begins with those that were written to lately.
  sql`create index channels_by_activity on channels (last_activity_at)`,

  sql`create table notified (
    organization_id uuid not null,
    channel_id uuid not null,
    seq bigint not null check (seq >= 0),
    primary key (organization_id, channel_id),
    foreign key (organization_id, channel_id) references channels (organization_id, id) on delete cascade
  ) with (fillfactor = 70)`,

  // The id orders what has the same time: it begins with the message's number.
  sql`create table notifications (
    organization_id uuid not null,
    channel_id uuid not null,
    seq bigint not null check (seq > 0),
    user_id uuid not null,
    id uuid not null,
    reason text collate "C" not null check (reason in ('MENTION', 'DIRECT_MESSAGE', 'THREAD_REPLY')),
    created_at timestamptz(3) not null,
    primary key (organization_id, channel_id, seq, user_id),
    foreign key (organization_id, channel_id) references channels (organization_id, id) on delete cascade
  )`,
  sql`create index notifications_newest on notifications (organization_id, user_id, created_at, id)`,
  sql`create index notifications_mentions on notifications (organization_id, user_id, channel_id, seq)
    where reason = 'MENTION'`,
  sql`create index notifications_by_age on notifications (created_at)`,

  sql`create table channel_mentions (
    organization_id uuid not null,
    channel_id uuid not null,
    seq bigint not null check (seq > 0),
    id uuid not null,
    author_id uuid not null,
    kind text collate "C" not null check (kind in ('CHANNEL', 'HERE')),
    created_at timestamptz(3) not null,
    primary key (organization_id, channel_id, seq),
    foreign key (organization_id, channel_id) references channels (organization_id, id) on delete cascade
  )`,
  sql`create index channel_mentions_by_age on channel_mentions (created_at)`,

  // Messages that are about to change: what they say to whom is looked at again, also after a crash.
  sql`create table recounts (
    id uuid primary key,
    organization_id uuid not null,
    channel_id uuid not null,
    seq bigint not null check (seq > 0),
    created_at timestamptz(3) not null default now(),
    foreign key (organization_id, channel_id) references channels (organization_id, id) on delete cascade
  )`,
  sql`create index recounts_by_age on recounts (created_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}
