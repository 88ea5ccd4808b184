/** The installation's own id: replicas of one database find each other by it on a Redis that others use too. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`create table installation (
    is_only boolean primary key default true check (is_only),
    id uuid not null default gen_random_uuid()
  )`.execute(db);
  await sql`insert into installation default values`.execute(db);
}
