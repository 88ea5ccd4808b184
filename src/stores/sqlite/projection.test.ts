/** What every store of projections must do, on the embedded one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll } from 'vitest';
import { projectionStoreContract } from '../../chat/changes/projection-store.contract.ts';
import { openSqliteLogs } from './open.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-projections-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

projectionStoreContract('SQLite', async () => ({
  ...(await openSqliteLogs({ dataDir, bucketSize: 8 })),
  dump: async () => allRows(join(dataDir, 'messages.sqlite')),
}));

/** Every column of every row of every table. */
function allRows(file: string): string {
  const db = new DatabaseSync(file, { readOnly: true });
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const rows = tables.map(({ name }) => db.prepare(`SELECT * FROM ${name}`).all());
  db.close();
  return rows.flatMap((each) => each.flatMap((row) => Object.values(row))).join('\n');
}
