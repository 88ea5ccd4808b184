/** Brings the schemas of all configured stores up to this version: the database's, and each cell's. */
import type { Config } from '../config/config.ts';
import { CellRefused } from '../stores/cassandra/errors.ts';
import { migrateCassandra } from '../stores/cassandra/migrate.ts';
import { CassandraUrlError } from '../stores/cassandra/url.ts';
import { openRelational } from '../stores/relational/open.ts';
import { CannotStart } from './cannot-start.ts';
import { cellsOf } from './cells.ts';
import { holdDataFolder, type StoreOptions, waitForPostgres } from './stores.ts';

/** A line for each step that was done; none when everything was up to date. Safe to repeat, and to run twice at once. */
export async function migrateStores(config: Config, options: StoreOptions): Promise<readonly string[]> {
  const { database } = config.stores;
  await using closing = new AsyncDisposableStack();
  closing.use(await holdDataFolder(config));
  const relational = await openRelational(database, options.logger);
  closing.defer(() => relational.close());
  if (database.kind === 'postgres') await waitForPostgres(relational, database.url, options);
  const done = (await relational.migrate()).map((name) => `Postgres: ${name}`);
  const { onWaiting, waitMs, logger } = options;
  const problems: string[] = [];
  // One after another: two may be keyspaces of one cluster, which changes its schema one step at a time.
  for (const { name, cassandra } of cellsOf(config)) {
    if (cassandra === null) continue;
    const where = config.stores.cells.length === 0 ? 'Cassandra' : `Cell ${name}`;
    try {
      const steps = await migrateCassandra({
        url: cassandra.url,
        name,
        logger,
        ...(onWaiting === undefined ? {} : { onWaiting }),
        ...(waitMs === undefined ? {} : { waitMs }),
      });
      done.push(...steps.map((step) => `${where}: ${step}`));
    } catch (error) {
      const isItsOwn = error instanceof CellRefused || error instanceof CassandraUrlError;
      if (config.stores.cells.length === 0 || !isItsOwn) throw error;
      // The others are brought up to date all the same.
      problems.push(`${where}: ${error.message}`);
    }
  }
  if (problems.length > 0) throw new CannotStart([...done, ...problems].join('\n'));
  return done;
}
