/** A keyspace of a test's own on the Cassandra of the tests, dropped when the test file is done. */
import { randomBytes } from 'node:crypto';
import { serviceUrl } from '../../../../test/services.ts';
import { silentLogger } from '../../../chat/logger.ts';
import { Session } from '../session.ts';
import { type CassandraUrl, parseCassandraUrl } from '../url.ts';

export interface ScratchKeyspace {
  /** The address for the adapter; nothing is there before it is migrated. */
  readonly url: string;
  readonly parsed: CassandraUrl;
  /** A plain connection, for looking behind the adapter's back. */
  connect(): Promise<Session>;
  drop(): Promise<void>;
}

export function scratchKeyspace(prefix = 'test'): ScratchKeyspace {
  const keyspace = `${prefix}_${randomBytes(6).toString('hex')}`;
  // The body of a skipped suite runs too: without a service there still is an address, of nothing.
  const service = serviceUrl('cassandra') || 'cassandra://127.0.0.1:9/absent?dc=absent&rf=1';
  const url = service.replace(/\/[a-z0-9_]+\?/, `/${keyspace}?`);
  const parsed = parseCassandraUrl(url);
  const connect = async (): Promise<Session> => {
    const session = new Session(parsed, 20_000, silentLogger);
    await session.connect();
    return session;
  };
  return {
    url,
    parsed,
    connect,
    drop: async () => {
      const session = await connect();
      await session.client.execute(`DROP KEYSPACE IF EXISTS ${keyspace}`, [], { prepare: false });
      await session.close();
    },
  };
}
