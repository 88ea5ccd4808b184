/** What every change log must hold, on the embedded store. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { changeLogContract } from '../../chat/changes/change-log.contract.ts';
import { changeCrashContract } from '../../chat/changes/crashes.contract.ts';
import { openSqliteLogs } from './open.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-changes-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

changeLogContract('SQLite', () => openSqliteLogs({ dataDir, bucketSize: 8 }));
changeCrashContract('SQLite', () => openSqliteLogs({ dataDir, bucketSize: 8 }), 6);
