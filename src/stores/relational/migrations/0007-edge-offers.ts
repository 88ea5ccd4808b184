/** What an edge says of itself with its lease: where clients reach it, while it takes any, and how many it holds. */
import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table edge_leases
    add column url text collate "C",
    add column connections integer not null default 0 check (connections >= 0)`.execute(db);
}
