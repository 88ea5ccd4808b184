/**
 * Edge leases, and the rights that ended. A revocation is found by the transaction that wrote it, not by its number:
 * one question then reads those of all organizations in an order that no late commit slips behind.
 */
import { type Kysely, sql } from 'kysely';

const statements = [
  sql`create table revocations (
    organization_id uuid not null references organizations (id),
    rev bigint not null,
    user_id uuid not null,
    channel_id uuid,
    membership_id uuid,
    reason text collate "C" not null check (reason in ('LEFT', 'REMOVED', 'DEACTIVATED')),
    may_still_read boolean not null default false,
    tx xid8 not null default pg_current_xact_id(),
    at timestamptz(3) not null default now(),
    primary key (organization_id, rev),
    check ((reason = 'DEACTIVATED') = (channel_id is null))
  )`,
  sql`create index revocations_by_transaction on revocations (tx)`,
  sql`create index revocations_by_age on revocations (at)`,

  // Each row is written several times every few seconds: room beside it keeps these updates within its page.
  sql`create table edge_leases (
    edge_id text collate "C" primary key,
    round bigint not null,
    carried bigint not null default 0,
    expires_at timestamptz not null
  ) with (fillfactor = 50)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}
