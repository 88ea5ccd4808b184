/** How often the stores were asked, by their own count: nothing that the program counts by itself. */
import { Client } from 'cassandra-driver';
import { contactPoints, parseCassandraUrl } from '../../src/stores/cassandra/url.ts';
import type { Fleet } from '../e2e/fleet.ts';
import { serviceUrl } from '../services.ts';

export interface StoreReads {
  /** Reads of all tables of Cassandra, as a coordinator. */
  readonly cassandra: number;
  /** Transactions of this database; a statement by itself is one. */
  readonly postgres: number;
}

export interface StoreCounter {
  look(): Promise<StoreReads>;
  /** Edges that say that they take connections, those that have died lately among them. */
  offers(): Promise<number>;
  close(): Promise<void>;
}

export async function countStoreReads(fleet: Pick<Fleet, 'postgres'>): Promise<StoreCounter> {
  const url = parseCassandraUrl(serviceUrl('cassandra'));
  const cassandra = new Client({
    contactPoints: contactPoints(url),
    localDataCenter: url.dc,
    protocolOptions: { port: url.port },
  });
  await cassandra.connect();
  const postgres = await fleet.postgres();
  // When a test fails in between, its database is dropped with this connection open.
  postgres.on('error', () => undefined);
  return {
    look: async () => {
      const { rows } = await postgres.query<{ name: string; commits: string }>(
        'select datname as name, xact_commit as commits from pg_stat_database where datname = current_database()',
      );
      const read = await cassandra.execute(
        'SELECT keyspace_name, count FROM system_views.coordinator_read_latency',
      );
      // A fleet's keyspace has the name of its database; others' tests run on the same Cassandra.
      const counts = read.rows
        .filter((row) => row.keyspace_name === rows[0]?.name)
        .map((row) => Number(row.count));
      return {
        postgres: Number(rows[0]?.commits),
        cassandra: counts.reduce((sum, count) => sum + count, 0),
      };
    },
    offers: async () => {
      const { rows } = await postgres.query<{ offers: string }>(
        'select count(url) as offers from edge_leases where expires_at > now()',
      );
      return Number(rows[0]?.offers);
    },
    close: async () => {
      await Promise.all([cassandra.shutdown(), postgres.end()]);
    },
  };
}
