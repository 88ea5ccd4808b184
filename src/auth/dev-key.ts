/**
 * The key that signs dev tokens: made at first use in the data folder, readable by its owner alone, so that
 * tokens still work after a restart and no two installations share one.
 */
import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const BYTES = 32;

/** Reads the key, or makes it. Throws when the file holds something else. */
export async function loadDevKey(dataDir: string): Promise<Uint8Array> {
  await mkdir(dataDir, { recursive: true });
  const path = join(dataDir, 'dev-signing-key');
  // Written aside and linked into place: of two processes that start at once one wins, and neither ever reads
  // half a key.
  const draft = join(dataDir, `.dev-signing-key-${randomBytes(6).toString('hex')}`);
  await writeFile(draft, `${randomBytes(BYTES).toString('base64url')}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    await chmod(path, 0o600);
  } finally {
    await unlink(draft);
  }
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'base64url');
  if (key.length !== BYTES)
    throw new Error(`${path} is not a signing key. Delete it; the next start makes a new one.`);
  return key;
}
