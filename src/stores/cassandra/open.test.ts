/** Opening and migrating: what is refused, in which words, and that migrating can be repeated and raced. */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../../test/services.ts';
import { silentLogger } from '../../chat/logger.ts';
import { settingsOfNodes } from './durability.ts';
import type { CellFault } from './errors.ts';
import { migrateCassandra } from './migrate.ts';
import { openCassandraLogs } from './open.ts';
import type { Session } from './session.ts';
import { codecColumns, SCHEMA_VERSION } from './tables.ts';
import { scratchKeyspace } from './testing/scratch-keyspace.ts';

const logger = silentLogger;
const refused = (fault: CellFault, message?: string | RegExp) =>
  expect.objectContaining({
    name: 'CellRefused',
    fault,
    ...(message !== undefined && { message: expect.stringMatching(message) }),
  });

const open = (
  url: string,
  more: { bucketSize?: number; waitMs?: number; onWaiting?: (m: string) => void } = {},
) => openCassandraLogs({ url, allowPeriodicCommitlog: false, logger, waitMs: 5_000, ...more });

describe('without a Cassandra', () => {
  test('a wrong address is refused before anything is tried', async () => {
    await expect(open('cassandra://localhost/x')).rejects.toThrow('dc, the home datacenter, is missing');
    await expect(migrateCassandra({ url: 'cassandra://', logger })).rejects.toThrow('Not the address');
  });

  test('waits with a message, then says what it could not reach', async () => {
    const said: string[] = [];
    const opening = open('cassandra://ada:hunter2@127.0.0.1:1/chat?dc=dc1', {
      waitMs: 2_500,
      onWaiting: (message) => said.push(message),
    });
    await expect(opening).rejects.toEqual(
      refused('UNREACHABLE', /127\.0\.0\.1 port 1 .* within 3 s: 127\.0\.0\.1:1: connect ECONNREFUSED/),
    );
    expect(said).toEqual([expect.stringMatching(/^Waiting up to 3 s for Cassandra at 127\.0\.0\.1 port 1/)]);
    expect(said.join()).not.toContain('hunter2');
  });

  describe('but something that takes connections and never answers', () => {
    let mute: Server;
    beforeAll(async () => {
      mute = createServer();
      await new Promise<void>((resolve) => void mute.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => void mute.close());

    test('gives up all the same', async () => {
      const address = mute.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const opening = openCassandraLogs({
        url: `cassandra://127.0.0.1:${port}/chat?dc=dc1`,
        allowPeriodicCommitlog: false,
        logger,
        deadlineMs: 300,
        waitMs: 1_000,
      });
      await expect(opening).rejects.toEqual(refused('UNREACHABLE'));
    });
  });
});

await describeWith(['cassandra'], 'with a Cassandra', () => {
  const scratch = scratchKeyspace();
  const { keyspace } = scratch.parsed;
  let behind: Session;
  beforeAll(async () => {
    behind = await scratch.connect();
  });
  afterAll(async () => {
    await behind?.close();
    await scratch.drop();
  });

  test('a keyspace that is not there is refused, naming the command', async () => {
    await expect(open(scratch.url)).rejects.toEqual(refused('SCHEMA_MISSING', 'npm run cli -- migrate'));
  });

  test('more copies than nodes could agree on are refused', async () => {
    const migrating = migrateCassandra({ url: scratch.url.replace(/rf=\d/, 'rf=9'), logger });
    await expect(migrating).rejects.toEqual(refused('TOO_FEW_NODES', '9 copies need 5 nodes'));
  });

  test('two migrations at once make one schema, and a third has nothing to do', async () => {
    const both = await Promise.all([1, 2].map(() => migrateCassandra({ url: scratch.url, logger })));
    expect(both.flat().some((line) => line.startsWith('schema step 1'))).toBe(true);
    expect(await migrateCassandra({ url: scratch.url, logger })).toEqual([]);

    const logs = await open(scratch.url);
    await logs.ping();
    await logs.close();
  });

  test('the schema has the columns of the entries’ codecs', async () => {
    for (const log of ['messages', 'changes'] as const) {
      const rows = await behind.ask(
        `SELECT column_name, type FROM system_schema.columns WHERE keyspace_name = '${keyspace}' AND table_name = '${log}'`,
      );
      const columns = rows.map((row) => `${row.column_name} ${row.type}`);
      expect(columns).toEqual(expect.arrayContaining(codecColumns[log].split(', ')));
    }
  });

  test('what was refused leaves no connection open: a process would never end, or tries on until it has no more', async () => {
    const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length;
    const before = sockets();
    const elsewhere = scratch.url.replace(/dc=[^&]*/, 'dc=elsewhere');
    for (let i = 0; i < 2; i++) {
      await expect(open(elsewhere)).rejects.toEqual(refused('OTHER_DATACENTER', 'elsewhere'));
    }
    await expect.poll(sockets).toBe(before);
  });

  test('another datacenter is refused, in opening and in migrating', async () => {
    const elsewhere = scratch.url.replace(/dc=[^&]+/, 'dc=elsewhere');
    const message = /no datacenter "elsewhere"/;
    await expect(open(elsewhere)).rejects.toEqual(refused('OTHER_DATACENTER', message));
    await expect(migrateCassandra({ url: elsewhere, logger })).rejects.toEqual(
      refused('OTHER_DATACENTER', message),
    );
  });

  test('a home datacenter other than the one it was made with is refused', async () => {
    // As after an address was changed on a Cassandra that has both.
    const set = (dc: string) =>
      behind.write(`UPDATE ${keyspace}.schema_version SET home_datacenter = ? WHERE cell = 'this'`, [dc]);
    await set('home');
    try {
      const message = `is "home", fixed when it was made`;
      await expect(open(scratch.url)).rejects.toEqual(refused('OTHER_DATACENTER', message));
      await expect(migrateCassandra({ url: scratch.url, logger })).rejects.toEqual(
        refused('OTHER_DATACENTER', message),
      );
    } finally {
      await set(scratch.parsed.dc);
    }
  });

  test('a bucket size other than the first one is refused', async () => {
    await expect(open(scratch.url, { bucketSize: 16 })).rejects.toEqual(
      refused('OTHER_BUCKET_SIZE', 'has 4096 numbers in a bucket, not 16'),
    );
  });

  test('a newer schema is refused, in opening and in migrating', async () => {
    const newer = SCHEMA_VERSION + 1;
    await behind.write(`INSERT INTO ${keyspace}.schema_version (cell, version) VALUES ('this', ?)`, [newer]);
    try {
      await expect(open(scratch.url)).rejects.toEqual(refused('SCHEMA_NEWER'));
      await expect(migrateCassandra({ url: scratch.url, logger })).rejects.toEqual(refused('SCHEMA_NEWER'));
    } finally {
      await behind.write(`DELETE FROM ${keyspace}.schema_version WHERE cell = 'this' AND version = ?`, [
        newer,
      ]);
    }
  });

  test('a schema that was never finished is refused, and migrating finishes it', async () => {
    // The table of versions is made first: a migration that was interrupted right after it.
    await behind.write(`DELETE FROM ${keyspace}.schema_version WHERE cell = 'this' AND version > ?`, [0]);
    await expect(open(scratch.url)).rejects.toEqual(refused('SCHEMA_MISSING', 'npm run cli -- migrate'));
    expect(await migrateCassandra({ url: scratch.url, logger })).toEqual([
      expect.stringContaining('schema step 1'),
      expect.stringContaining('schema step 2'),
      expect.stringContaining('schema step 3'),
    ]);
    await (await open(scratch.url)).close();
  });

  test('its nodes tell how they write', async () => {
    const settings = await settingsOfNodes(behind);
    expect(settings.length).toBeGreaterThan(0);
    for (const { commitlogSync, paxosVariant } of settings) {
      expect([commitlogSync, paxosVariant]).toEqual([expect.stringMatching(/^(batch|group)$/), 'v2']);
    }
  });
});
