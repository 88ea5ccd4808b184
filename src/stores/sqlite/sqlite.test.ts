import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { logContract } from '../../chat/log/log.contract.ts';
import { logStoreContract } from '../../chat/log/log-store.contract.ts';
import { openSqliteLogs } from './open.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-sqlite-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

logStoreContract('SQLite', () => openSqliteLogs({ dataDir, bucketSize: 8 }));
logContract('SQLite', () => openSqliteLogs({ dataDir, bucketSize: 8 }));
