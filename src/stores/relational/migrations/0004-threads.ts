/**
 * Threads: channels under a message of another. What may be done in one follows from its parent, so that nothing of the
 * parent (archived, posting policy, visibility) is kept a second time.
 */
import { type Kysely, sql } from 'kysely';

const statements = [
  sql`alter table channels
    add column parent_id uuid,
    add column root_seq bigint check (root_seq > 0),
    add constraint channels_thread_has_root check (
      (type = 'THREAD') = (parent_id is not null) and (parent_id is null) = (root_seq is null)
    ),
    add constraint channels_parent foreign key (organization_id, parent_id)
      references channels (organization_id, id)`,
  sql`create unique index channels_by_root on channels (organization_id, parent_id, root_seq)
    where parent_id is not null`,

  sql`alter table outbox
    drop constraint outbox_kind_check,
    add column thread_id uuid,
    add column root_seq bigint,
    add constraint outbox_kind_check
      check (kind in ('MEMBER_JOINED', 'MEMBER_LEFT', 'CHANNEL_UPDATED', 'THREAD_OPENED')),
    add constraint outbox_thread check (
      (kind = 'THREAD_OPENED') = (thread_id is not null) and (thread_id is null) = (root_seq is null)
    )`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await statement.execute(db);
}
