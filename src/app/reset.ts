/** Forgets what the embedded stores keep in the data folder, and nothing else that lies there. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from '../stores/folder-lock.ts';
import { BEING_MADE } from '../stores/relational/embedded.ts';

/** Files and folders that this program makes in a data folder, beside its lock. */
const OWN = [
  'postgres',
  BEING_MADE,
  'messages.sqlite',
  'messages.sqlite-wal',
  'messages.sqlite-shm',
  'dev-signing-key',
] as const;

/** True when there was something to forget. Throws FolderInUse while a server works there. */
export async function resetEmbedded(dataDir: string): Promise<boolean> {
  const found = OWN.filter((name) => existsSync(join(dataDir, name)));
  if (found.length === 0) return false;
  const lock = await lockFolder(dataDir);
  try {
    for (const name of OWN) await rm(join(dataDir, name), { recursive: true, force: true });
  } finally {
    await lock.release();
  }
  return true;
}
