/**
 * Organizations, people, channels, memberships, outbox. Frozen: a released migration is never edited, it imports
 * nothing that may change, and what comes later is a file of its own.
 *
 * Every key begins with organization_id, so that an id of one organization names nothing in another. Text that is
 * compared or sorted is COLLATE "C": the same order on every operating system, and no index that an upgrade of the
 * system's collations would corrupt.
 */
import { type Kysely, sql } from 'kysely';

const statements = [
  sql`create table cells (
    name text collate "C" primary key,
    epoch integer not null default 1 check (epoch > 0),
    created_at timestamptz(3) not null default now()
  )`,
  sql`insert into cells (name) values ('default')`,

  sql`create table organizations (
    id uuid primary key,
    slug text collate "C" not null unique,
    name text not null,
    cell text collate "C" not null references cells (name),
    membership_rev bigint not null default 0,
    created_at timestamptz(3) not null default now()
  )`,

  sql`create table users (
    organization_id uuid not null references organizations (id),
    id uuid not null,
    subject text collate "C" not null,
    handle text collate "C" not null check (handle ~ '^[a-z0-9._-]{1,40}$'),
    name text not null,
    name_key text collate "C" not null,
    avatar_url text,
    is_bot boolean not null default false,
    created_at timestamptz(3) not null default now(),
    deactivated_at timestamptz(3),
    primary key (organization_id, id),
    unique (organization_id, subject),
    unique (organization_id, handle)
  )`,
  sql`create index users_by_name on users (organization_id, name_key, id)`,

  sql`create table channels (
    organization_id uuid not null references organizations (id),
    id uuid not null,
    type text collate "C" not null check (type in ('CHANNEL', 'DM', 'THREAD')),
    visibility text collate "C" not null check (visibility in ('PUBLIC', 'PRIVATE')),
    posting_policy text collate "C" not null check (posting_policy in ('EVERYONE', 'ADMINS')),
    name text not null,
    name_key text collate "C" not null,
    handle text collate "C" not null,
    topic text not null,
    dm_key text collate "C",
    created_at timestamptz(3) not null default now(),
    archived_at timestamptz(3),
    last_activity_at timestamptz(3) not null default now(),
    primary key (organization_id, id),
    check ((type = 'CHANNEL') = (handle <> '')),
    check (dm_key is null or type = 'DM')
  )`,
  sql`create unique index channels_by_handle on channels (organization_id, handle) where handle <> ''`,
  sql`create unique index channels_by_dm_key on channels (organization_id, dm_key) where dm_key is not null`,
  sql`create index channels_public_by_name on channels (organization_id, name_key, id)
    where type = 'CHANNEL' and visibility = 'PUBLIC'`,

  // Checkpoints and affinity are the hottest writes: no index holds them, and each page keeps room for the new
  // version of a row beside the old one (heap-only updates).
  sql`create table memberships (
    organization_id uuid not null,
    id uuid not null,
    channel_id uuid not null,
    user_id uuid not null,
    role text collate "C" not null check (role in ('MEMBER', 'ADMIN')),
    joined_at timestamptz(3) not null default now(),
    affinity double precision not null default 0 check (affinity >= 0 and affinity < 'Infinity'),
    affinity_at timestamptz(3) not null default now(),
    is_muted boolean not null default false,
    notify_always boolean not null default false,
    checkpoint bigint not null default 0 check (checkpoint >= 0),
    primary key (organization_id, id),
    unique (organization_id, channel_id, user_id),
    foreign key (organization_id, channel_id) references channels (organization_id, id),
    foreign key (organization_id, user_id) references users (organization_id, id)
  ) with (fillfactor = 70)`,
  sql`create index memberships_of_user on memberships (organization_id, user_id, channel_id)`,
  sql`create index memberships_by_joining on memberships (organization_id, channel_id, joined_at, id)`,

  sql`create table outbox (
    id uuid primary key,
    organization_id uuid not null,
    channel_id uuid not null,
    kind text collate "C" not null check (kind in ('MEMBER_JOINED', 'MEMBER_LEFT', 'CHANNEL_UPDATED')),
    actor_id uuid not null,
    user_id uuid,
    created_at timestamptz(3) not null default now(),
    foreign key (organization_id, channel_id) references channels (organization_id, id)
  )`,
  sql`create index outbox_by_age on outbox (created_at, id)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}
