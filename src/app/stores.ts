/** Takes the data folder, and opens the database that the settings name: the embedded one, or Postgres, after waiting for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../chat/logger.ts';
import type { Config } from '../config/config.ts';
import { lockFolder } from '../stores/folder-lock.ts';
import type { DatabaseWatch } from '../stores/relational/database.ts';
import { openRelational, type Relational } from '../stores/relational/open.ts';
import { CannotStart } from './cannot-start.ts';

export interface StoreOptions {
  readonly logger: Logger;
  /** Numbers in a bucket of a log; tests take fewer. */
  readonly bucketSize?: number;
  /** Told in words for the operator when a service is waited for. */
  readonly onWaiting?: (message: string) => void;
  /** How long to wait for a service; 60 s unless given. */
  readonly waitMs?: number;
  /** Looks at how each operation of the database goes. */
  readonly watch?: DatabaseWatch;
}

const WAIT_MS = 60_000;
const PAUSE_MS = 1_000;

/** Takes the data folder for this process when anything is kept in it. `port`: for the message to others. */
export async function holdDataFolder({ stores, server }: Config): Promise<AsyncDisposable> {
  const held = new AsyncDisposableStack();
  if (stores.database.kind === 'pglite' || stores.cassandra === null) {
    const lock = await lockFolder(stores.dataDir, { port: server.port });
    held.defer(() => lock.release());
  }
  return held;
}

/**
 * People, channels, memberships. The embedded database is migrated; a Postgres that needs it is refused.
 * The caller holds the data folder, and closes what it is given.
 */
export async function openPeople({ stores }: Config, options: StoreOptions): Promise<Relational> {
  const relational = await openRelational(stores.database, options.logger, options.watch);
  try {
    if (stores.database.kind === 'pglite') {
      await relational.migrate();
    } else {
      await waitForPostgres(relational, stores.database.url, options);
      const pending = await relational.pendingMigrations();
      if (pending.length > 0) {
        throw new CannotStart(
          `The schema in Postgres is older than this version needs (${pending.join(', ')}). Run \`npm run cli -- migrate\` first.`,
        );
      }
    }
    return relational;
  } catch (error) {
    await relational.close();
    throw error;
  }
}

/** Services start in any order: the database may come after us. */
export async function waitForPostgres(
  relational: Relational,
  url: string,
  options: StoreOptions,
): Promise<void> {
  const { logger, onWaiting, waitMs = WAIT_MS } = options;
  const host = hostOf(url);
  const giveUpAt = performance.now() + waitMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await relational.ping();
    } catch (error) {
      const why = causeOf(error);
      if (performance.now() + PAUSE_MS >= giveUpAt) {
        throw new CannotStart(
          `Could not reach Postgres at ${host} within ${Math.round(waitMs / 1000)} s: ${why}`,
          {
            cause: error,
          },
        );
      }
      if (attempt === 1) {
        const message = `Waiting up to ${Math.round(waitMs / 1000)} s for Postgres at ${host}: ${why}`;
        logger.warn({ host }, message);
        onWaiting?.(message);
      }
      await sleep(PAUSE_MS);
    }
  }
}

/** Host and port, without user and password. */
const hostOf = (url: string): string => (URL.canParse(url) ? new URL(url).host : 'its address');

/** The innermost reason, which is the one that says something: a refused connection, a wrong password. */
function causeOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause !== undefined) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors[0] instanceof Error) inner = inner.errors[0];
  return inner instanceof Error ? inner.message : String(inner);
}
