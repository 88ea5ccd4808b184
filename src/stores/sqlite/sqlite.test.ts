import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, test } from 'vitest';
import { logContract } from '../../chat/log/log.contract.ts';
import { logStoreContract } from '../../chat/log/log-store.contract.ts';
import { setDurability } from './durability.ts';
import { openSqliteLogs } from './open.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-sqlite-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

logStoreContract('SQLite', () => openSqliteLogs({ dataDir, bucketSize: 8 }));
logContract('SQLite', () => openSqliteLogs({ dataDir, bucketSize: 8 }));

describe('opening the embedded message store', () => {
  const folder = () => mkdtempSync(join(dataDir, 'open-'));

  test('with another bucket size is refused', async () => {
    const own = folder();
    await (await openSqliteLogs({ dataDir: own, bucketSize: 8 })).close();
    await expect(openSqliteLogs({ dataDir: own, bucketSize: 16 })).rejects.toThrow(
      'has 8 numbers in a bucket',
    );
    await (await openSqliteLogs({ dataDir: own, bucketSize: 8 })).close();
  });

  test('written by a newer version is refused', async () => {
    const own = folder();
    await (await openSqliteLogs({ dataDir: own })).close();
    const db = new DatabaseSync(join(own, 'messages.sqlite'));
    db.exec('PRAGMA user_version = 99');
    db.close();
    await expect(openSqliteLogs({ dataDir: own })).rejects.toThrow('newer version of Backscroll');
  });

  test('that is some other file is refused', async () => {
    const own = folder();
    writeFileSync(
      join(own, 'messages.sqlite'),
      'not a database, but long enough to be looked at'.repeat(100),
    );
    await expect(openSqliteLogs({ dataDir: own })).rejects.toThrow(
      `${join(own, 'messages.sqlite')} cannot be opened: file is not a database.`,
    );
  });

  test('again while it is open, from several places at once, works', async () => {
    const own = folder();
    const all = await Promise.all(Array.from({ length: 4 }, () => openSqliteLogs({ dataDir: own })));
    await Promise.all(all.map((logs) => logs.ping()));
    await Promise.all(all.map((logs) => logs.close()));
  });
});

test('syncs each commit to the disk', async () => {
  // Both are settings of a connection: read as the worker sets them.
  const db = new DatabaseSync(join(mkdtempSync(join(dataDir, 'sync-')), 'messages.sqlite'));
  setDurability(db);
  expect(db.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
  expect(db.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: 2 });
  expect(db.prepare('PRAGMA fullfsync').get()).toEqual({ fullfsync: 1 });
  db.close();
});
