/** The relational store, put together: one code over Postgres or PGlite. Only src/app.ts and the commands call this. */
import { Kysely, sql } from 'kysely';
import type { ChannelStore, MembershipStore } from '../../chat/channels/port.ts';
import type { CellStore } from '../../chat/epoch/port.ts';
import type { LeaseStore } from '../../chat/live/leases.ts';
import type { Logger } from '../../chat/logger.ts';
import type { NotificationStore } from '../../chat/notifications/port.ts';
import type { OutboxStore } from '../../chat/outbox/port.ts';
import type { OrganizationStore, UserStore } from '../../chat/people/port.ts';
import { createCellStore } from './cells.ts';
import { createChannelStore } from './channels.ts';
import { Database, type DatabaseLimits, type DatabaseWatch, defaultLimits } from './database.ts';
import { embeddedDialect } from './embedded.ts';
import { keptMembershipsOf } from './kept-memberships.ts';
import { createLeaseStore } from './leases.ts';
import { createMembershipStore } from './memberships.ts';
import { migrate, pendingMigrations } from './migrate.ts';
import { createNotificationStore } from './notifications.ts';
import { createOrganizationStore } from './organizations.ts';
import { createOutboxStore } from './outbox.ts';
import { postgresDialect } from './postgres.ts';
import { translated } from './sql-errors.ts';
import type { Tables } from './tables.ts';
import { createUserStore } from './users.ts';
import { Writes } from './writes.ts';

export interface Relational {
  readonly organizations: OrganizationStore;
  readonly users: UserStore;
  readonly channels: ChannelStore;
  readonly memberships: MembershipStore;
  readonly outbox: OutboxStore;
  readonly notifications: NotificationStore;
  readonly cells: CellStore;
  readonly leases: LeaseStore;
  /**
   * Runs what is pending and returns its names; any number of replicas may do so at once. Throws SchemaTooNew when
   * a newer Backscroll has migrated the database. Waits for its turn without a deadline.
   */
  migrate(): Promise<readonly string[]>;
  /** Names of what `migrate` would run. Throws SchemaTooNew. */
  pendingMigrations(): Promise<readonly string[]>;
  /** Throws UNAVAILABLE unless the database answers. */
  ping(): Promise<void>;
  /** The database's clock, milliseconds since the epoch. */
  now(): Promise<number>;
  /** The installation's own id, the same for all replicas on this database; made by a migration. */
  installationId(): Promise<string>;
  /** Refuses new operations, waits for those under way, and lets go of the database. */
  close(): Promise<void>;
}

export type RelationalTarget =
  | { readonly kind: 'pglite'; readonly dataDir: string }
  | { readonly kind: 'postgres'; readonly url: string };

/**
 * Embedded: opens the folder; the caller holds its lock. Postgres: connects at the first call, so that a server may
 * start before its database.
 */
export async function openRelational(
  target: RelationalTarget,
  logger: Logger,
  watch?: DatabaseWatch,
): Promise<Relational> {
  const writes = target.kind === 'pglite' ? new Writes() : null;
  const dialect =
    target.kind === 'pglite'
      ? await embeddedDialect(target.dataDir, writes ?? undefined)
      : postgresDialect({ url: target.url, logger });
  const kysely = new Kysely<Tables>({ dialect });
  const database = new Database(kysely, logger, {
    ...defaultLimits,
    isEmbedded: target.kind === 'pglite',
    writes,
    ...(watch === undefined ? {} : { watch }),
  });
  const keptMemberships = keptMembershipsOf(database);
  const ofLeases = target.kind === 'pglite' ? kysely : connectionOfLeases(target.url, logger);

  return {
    organizations: createOrganizationStore(database),
    users: createUserStore(database),
    channels: createChannelStore(database),
    memberships: createMembershipStore(database, keptMemberships),
    outbox: createOutboxStore(database),
    notifications: createNotificationStore(database, keptMemberships),
    cells: createCellStore(database),
    leases: createLeaseStore(new Database(ofLeases, logger, leaseLimits)),
    migrate: () => (target.kind === 'pglite' ? migrate(kysely) : migratePostgres(target.url, logger)),
    pendingMigrations: () => database.run(pendingMigrations),
    ping: async () => {
      await database.probe((db) => sql`select 1`.execute(db));
    },
    now: () =>
      database.run(async (db) => {
        const { rows } = await sql<{
          now: number;
        }>`select (extract(epoch from clock_timestamp()) * 1000)::double precision as now`.execute(db);
        return rows[0]?.now ?? Number.NaN;
      }),
    installationId: () =>
      database.run(async (db) => {
        const { rows } = await sql<{ id: string }>`select id from installation`.execute(db);
        const [row] = rows;
        if (row === undefined) throw new Error('the installation has lost its id');
        return row.id;
      }),
    close: async () => {
      database.close();
      if (ofLeases !== kysely) await ofLeases.destroy();
      await kysely.destroy();
    },
  };
}

/** A renewal that takes longer is of no use: the next one is tried instead. */
const leaseLimits: DatabaseLimits = { operationMs: 2_000, maxOperations: 1_000 };

/** Leases have connections of their own: a renewal must not stand in line behind the requests of a busy moment. */
const connectionOfLeases = (url: string, logger: Logger): Kysely<Tables> =>
  new Kysely({
    dialect: postgresDialect({ url, logger, connectMs: 1_500, statementMs: 1_500, poolSize: 2 }),
  });

/** On a connection of its own: a migration, or waiting for another replica's, may take longer than any request. */
async function migratePostgres(url: string, logger: Logger): Promise<readonly string[]> {
  const kysely = new Kysely<Tables>({
    dialect: postgresDialect({ url, logger, statementMs: 0, poolSize: 1 }),
  });
  try {
    return await migrate(kysely);
  } catch (error) {
    throw translated(error);
  } finally {
    await kysely.destroy();
  }
}
