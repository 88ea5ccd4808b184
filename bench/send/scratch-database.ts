/** A Postgres database of the benchmark's own. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { serviceUrl } from '../../test/services.ts';

export interface ScratchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

export async function scratchDatabase(): Promise<ScratchDatabase> {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  await run(`CREATE DATABASE ${name}`);
  const url = new URL(serviceUrl('postgres'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}

async function run(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: serviceUrl('postgres'), connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
  } catch (error) {
    throw new Error('PostgreSQL does not answer: scripts/services up postgres starts it.', { cause: error });
  }
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
