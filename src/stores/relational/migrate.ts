/**
 * Brings the schema up to this code: all pending migrations in one transaction, so that a failed one leaves the
 * schema as it was. Kysely takes a Postgres advisory lock around it: replicas that migrate at once take turns, and
 * the later ones find nothing left to do.
 */
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { migrations as own } from './migrations/index.ts';

const table = 'backscroll_migration';

/** The schema was made by a newer Backscroll: this one would not know what it means. */
export class SchemaTooNew extends Error {
  override readonly name = 'SchemaTooNew';
}

type Migrations = Readonly<Record<string, Migration>>;

/** Names of the migrations that were not run yet, in order. Throws SchemaTooNew. */
export async function pendingMigrations<T>(
  db: Kysely<T>,
  migrations: Migrations = own,
): Promise<readonly string[]> {
  const known = Object.keys(migrations).sort();
  const found = await sql<{
    is_there: boolean;
  }>`select to_regclass(${table}) is not null as is_there`.execute(db);
  if (found.rows[0]?.is_there !== true) return known;
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(
    db,
  );
  const executed = new Set(rows.map((row) => row.name));
  const foreign = [...executed].filter((name) => !known.includes(name));
  if (foreign.length > 0) {
    throw new SchemaTooNew(
      `The database was migrated by a newer Backscroll (it has ${foreign.join(', ')}, which this one does not know). Run that version or a later one.`,
    );
  }
  return known.filter((name) => !executed.has(name));
}

/** Runs what is pending and returns its names; throws when one fails, with nothing changed. */
export async function migrate<T>(db: Kysely<T>, migrations: Migrations = own): Promise<readonly string[]> {
  await pendingMigrations(db, migrations);
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: table,
    migrationLockTableName: `${table}_lock`,
  });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map((result) => result.migrationName);
}
