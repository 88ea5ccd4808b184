/**
 * Replicas as an operator runs them: real processes of the real program on real services, each test with a
 * database and a keyspace of its own. Killing one is killing a process.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Client } from 'cassandra-driver';
import { SignJWT } from 'jose';
import pg from 'pg';
import { contactPoints, parseCassandraUrl } from '../../src/stores/cassandra/url.ts';
import { serviceUrl } from '../services.ts';
import { freePort } from './free-port.ts';
import { type Replica, spawnReplica } from './process.ts';

const JWT_SECRET = 'a secret of the tests, long enough for HS256';
const root = new URL('../../', import.meta.url);

export interface Fleet {
  readonly replicas: readonly Replica[];
  /** A connection to their Postgres, for a test that holds something up there; whoever asks for it ends it. */
  postgres(): Promise<pg.Client>;
  /** @param settings of this replica alone. @param at its port: that of one that has ended. */
  start(settings?: Readonly<Record<string, string>>, at?: number): Promise<Replica>;
  /** Runs the command line on the same stores; returns what it printed. */
  cli(...args: readonly string[]): Promise<string>;
  /** A token of a person of organization `acme`. */
  token(subject: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  stop(): Promise<void>;
}

async function withDatabase(
  name: string,
  run: 'CREATE DATABASE' | 'DROP DATABASE IF EXISTS',
): Promise<string> {
  const url = new URL(serviceUrl('postgres'));
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await client.query(`${run} ${name}${run === 'CREATE DATABASE' ? '' : ' WITH (FORCE)'}`);
  await client.end();
  url.pathname = `/${name}`;
  return url.href;
}

async function dropKeyspace(name: string): Promise<void> {
  const url = parseCassandraUrl(serviceUrl('cassandra'));
  const client = new Client({
    contactPoints: contactPoints(url),
    localDataCenter: url.dc,
    protocolOptions: { port: url.port },
    socketOptions: { readTimeout: 30_000 },
  });
  await client.connect();
  await client.execute(`DROP KEYSPACE IF EXISTS ${name}`);
  await client.shutdown();
}

/**
 * Starts `count` replicas; `bucketSize` makes the logs' buckets small, so that a test crosses their borders; `redisUrl` is
 * a Redis of the test's own; `settings` go before those that all tests have.
 */
export async function startFleet(
  count: number,
  options: {
    readonly bucketSize?: number;
    readonly redisUrl?: string;
    readonly settings?: Readonly<Record<string, string | undefined>>;
  } = {},
): Promise<Fleet> {
  const name = `e2e_${randomBytes(6).toString('hex')}`;
  const databaseUrl = await withDatabase(name, 'CREATE DATABASE');
  const cassandraUrl = serviceUrl('cassandra').replace(/(cassandra:\/\/[^/]+)\/[^?]*/, `$1/${name}`);
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    DATABASE_URL: databaseUrl,
    CASSANDRA_URL: cassandraUrl,
    REDIS_URL: options.redisUrl ?? serviceUrl('redis'),
    AUTH_MODE: 'jwt',
    JWT_SECRET,
    LOG_LEVEL: 'info',
    SEND_LIMIT_PER_USER: '0',
    SEND_LIMIT_PER_CHANNEL: '0',
    ...(options.bucketSize === undefined ? {} : { TEST_BUCKET_SIZE: String(options.bucketSize) }),
    ...options.settings,
  };
  const replicas: Replica[] = [];

  async function cli(...args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, ['src/cli/main.ts', ...args], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk));
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`backscroll ${args.join(' ')} ended with ${code}:\n${output}`);
    return output;
  }

  async function start(settings: Readonly<Record<string, string>> = {}, at?: number): Promise<Replica> {
    const port = at ?? (await freePort());
    const { replica, ready } = spawnReplica(port, { ...env, ...settings });
    replicas.push(replica);
    await ready;
    return replica;
  }

  await cli('migrate');
  await cli('org', 'create', 'acme');
  await Promise.all(Array.from({ length: count }, () => start()));
  return {
    replicas,
    postgres: async () => {
      const client = new pg.Client({ connectionString: databaseUrl });
      await client.connect();
      return client;
    },
    start,
    cli,
    token: (subject, claims = {}) =>
      new SignJWT({ org: 'acme', ...claims })
        .setProtectedHeader({ alg: 'HS256' })
        .setSubject(subject)
        .setIssuedAt()
        .setExpirationTime('2h')
        .sign(new TextEncoder().encode(JWT_SECRET)),
    stop: async () => {
      await Promise.all(replicas.map((r) => r.end('SIGTERM')));
      await Promise.all([withDatabase(name, 'DROP DATABASE IF EXISTS'), dropKeyspace(name)]);
    },
  };
}
