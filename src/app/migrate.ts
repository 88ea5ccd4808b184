/** Brings the schemas of all configured stores up to this version. */
import type { Config } from '../config/config.ts';
import { migrateCassandra } from '../stores/cassandra/migrate.ts';
import { openRelational } from '../stores/relational/open.ts';
import { holdDataFolder, type StoreOptions, waitForPostgres } from './stores.ts';

/** A line for each step that was done; none when everything was up to date. Safe to repeat, and to run twice at once. */
export async function migrateStores(config: Config, options: StoreOptions): Promise<readonly string[]> {
  const { database, cassandra } = config.stores;
  await using closing = new AsyncDisposableStack();
  closing.use(await holdDataFolder(config));
  const relational = await openRelational(database, options.logger);
  closing.defer(() => relational.close());
  if (database.kind === 'postgres') await waitForPostgres(relational, database.url, options);
  const done = (await relational.migrate()).map((name) => `Postgres: ${name}`);
  if (cassandra === null) return done;
  const { onWaiting, waitMs, logger } = options;
  const steps = await migrateCassandra({
    url: cassandra.url,
    logger,
    ...(onWaiting === undefined ? {} : { onWaiting }),
    ...(waitMs === undefined ? {} : { waitMs }),
  });
  return [...done, ...steps.map((step) => `Cassandra: ${step}`)];
}
