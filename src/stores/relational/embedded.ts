/**
 * Postgres inside this process (PGlite), in DATA_DIR/postgres. It has one connection, runs on this thread, and locks
 * nothing: whoever opens it holds the folder's lock (src/stores/folder-lock.ts), or two processes lose rows silently.
 *
 * PGlite never syncs: it runs with `fsync = off` on a file system layer that has no sync (its option
 * `relaxedDurability` concerns browsers' storage only). What was answered survives the end of this process in any
 * form, kill -9 included, as the operating system holds it; a power cut or a crash of the machine may cost the last
 * seconds, at worst the folder.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dialect, PGliteDialect } from 'kysely';
import { Writes } from './writes.ts';

/**
 * Opens the folder, making it at the first time (2 to 6 s; later 0.3 to 1.4 s). `Kysely.destroy` closes it.
 * @param writes told of every write.
 */
export async function embeddedDialect(dataDir: string, writes = new Writes()): Promise<Dialect> {
  const folder = join(dataDir, 'postgres');
  await mkdir(folder, { recursive: true });
  // Loaded here, so that a server on Postgres never reads the 30 MB of it.
  const { PreparedPGlite } = await import('./prepared-pglite.ts');
  try {
    const pglite = new PreparedPGlite(folder, writes);
    await pglite.waitReady;
    return new PGliteDialect({ pglite });
  } catch (cause) {
    throw new Error(
      `The embedded database in ${folder} cannot be opened. If it is damaged, restore it from a copy, or start anew with \`npm run cli -- reset\`.`,
      { cause },
    );
  }
}
