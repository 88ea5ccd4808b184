/**
 * Databases for tests: each test file has its own, so that files run in parallel. Embedded always; Postgres where it
 * runs, in a database with a random name, gone afterwards.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeWith, serviceUrl } from '../../../../test/services.ts';
import { silentLogger } from '../../../chat/logger.ts';
import { openRelational, type Relational, type RelationalTarget } from '../open.ts';

/** Runs statements outside any pool, for what tests must do behind the store's back. */
export async function administrate(url: string, ...statements: readonly string[]): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty database on the Postgres of the tests. */
export async function createDatabase(server = serviceUrl('postgres')): Promise<TestDatabase> {
  const name = `test_${randomBytes(8).toString('hex')}`;
  await administrate(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: () => administrate(server, `drop database if exists ${name} with (force)`),
  };
}

/** The suite once for each kind; `relational` is open and migrated while its tests run. */
export async function onEachDatabase(
  name: string,
  suite: (relational: () => Relational, target: () => RelationalTarget) => void,
): Promise<void> {
  describe(`${name} on PGlite`, () => {
    onDatabase(suite, async () => {
      const dataDir = await mkdtemp(join(tmpdir(), 'backscroll-pglite-'));
      return {
        target: { kind: 'pglite', dataDir },
        drop: () => rm(dataDir, { recursive: true, force: true }),
      };
    });
  });
  await describeWith(['postgres'], `${name} on Postgres`, () => {
    onDatabase(suite, async () => {
      const { url, drop } = await createDatabase();
      return { target: { kind: 'postgres', url }, drop };
    });
  });
}

function onDatabase(
  suite: (relational: () => Relational, target: () => RelationalTarget) => void,
  make: () => Promise<{ target: RelationalTarget; drop(): Promise<void> }>,
): void {
  let opened: { relational: Relational; target: RelationalTarget } | null = null;
  let drop = async (): Promise<void> => undefined;
  const open = () => {
    if (opened === null) throw new Error('the database is open only while tests run');
    return opened;
  };
  beforeAll(async () => {
    const made = await make();
    drop = made.drop;
    const relational = await openRelational(made.target, silentLogger);
    await relational.migrate();
    opened = { relational, target: made.target };
  });
  afterAll(async () => {
    await opened?.relational.close();
    await drop();
  });
  suite(
    () => open().relational,
    () => open().target,
  );
}
