/** Organizations; the epoch of each is its cell's. */

import { sql } from 'kysely';
import { uuidv7 } from '../../chat/ids.ts';
import type { Organization, OrganizationStore } from '../../chat/people/port.ts';
import type { Database } from './database.ts';
import type { Queries } from './tables.ts';
import { uuidsOf } from './uuids.ts';

const select = (db: Queries) =>
  db
    .selectFrom('organizations')
    .innerJoin('cells', 'cells.name', 'organizations.cell')
    .select([
      'organizations.id',
      'organizations.slug',
      'organizations.name',
      'organizations.cell',
      'cells.epoch',
    ]);

export const createOrganizationStore = (database: Database): OrganizationStore => ({
  bySlug: (slug) =>
    database.run(async (db) => (await select(db).where('slug', '=', slug).executeTakeFirst()) ?? null),

  byIds: (ids) =>
    database.run((db) =>
      select(db)
        .where('organizations.id', '=', sql<string>`any(${uuidsOf(ids)}::uuid[])`)
        .execute(),
    ),

  list: () =>
    database.run(async (db) => {
      const rows = await select(db)
        .select(
          sql<string | number>`(
            select count(*) from users
            where users.organization_id = organizations.id and users.deactivated_at is null
          )`.as('people'),
        )
        .orderBy('slug')
        .execute();
      return rows.map((row) => ({ ...row, people: Number(row.people) }));
    }),

  /**
   * A cell that has no row yet gets one, with the first epoch: the row only counts restores. Whether a store is
   * configured for the name is for the caller to check, who knows the configuration.
   */
  create: ({ slug, name, cell }) =>
    database.transaction(async (db): Promise<Organization | null> => {
      await db
        .insertInto('cells')
        .values({ name: cell })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const made = await db
        .insertInto('organizations')
        .values({ id: uuidv7(Date.now()), slug, name, cell })
        .onConflict((conflict) => conflict.column('slug').doNothing())
        .returning('id')
        .executeTakeFirst();
      if (made === undefined) return null;
      return (await select(db).where('organizations.id', '=', made.id).executeTakeFirst()) ?? null;
    }),
});
