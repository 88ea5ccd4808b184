/**
 * Postgres inside this process (PGlite), in DATA_DIR/postgres. It has one connection, runs on this thread, and locks
 * nothing: whoever opens it holds the folder's lock (src/stores/folder-lock.ts), or two processes lose rows silently.
 *
 * PGlite never syncs: it runs with `fsync = off` on a file system layer that has no sync (its option
 * `relaxedDurability` concerns browsers' storage only). What was answered survives the end of this process in any
 * form, kill -9 included, as the operating system holds it; a power cut or a crash of the machine may cost the last
 * seconds, at worst the folder.
 */
import { existsSync } from 'node:fs';
import { access, constants, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dialect, PGliteDialect } from 'kysely';
import { Writes } from './writes.ts';

/**
 * Beside the folder for as long as that is being made. PGlite takes a folder with a PG_VERSION for a whole one, and
 * writes that file before the last ones; and fills one without it anew, whatever else it holds.
 */
export const BEING_MADE = 'postgres.incomplete';
/** What a new folder takes, about. */
const NEEDED_MB = 50;

/**
 * Opens the folder, making it at the first time (2 to 6 s; later 0.3 to 1.4 s). `Kysely.destroy` closes it.
 * @param writes told of every write.
 */
export async function embeddedDialect(dataDir: string, writes = new Writes()): Promise<Dialect> {
  const folder = join(dataDir, 'postgres');
  const beingMade = join(dataDir, BEING_MADE);
  // Loaded here, so that a server on Postgres never reads the 30 MB of it.
  const { PreparedPGlite } = await import('./prepared-pglite.ts');
  if (existsSync(beingMade)) await rm(folder, { recursive: true, force: true });
  try {
    await mkdir(folder, { recursive: true });
    const isNew = (await readdir(folder)).length === 0;
    if (isNew) await writeFile(beingMade, '');
    else await access(join(folder, 'PG_VERSION'), constants.R_OK | constants.W_OK);
    const pglite = new PreparedPGlite(folder, writes);
    await pglite.waitReady;
    if (isNew) await rm(beingMade);
    return new PGliteDialect({ pglite });
  } catch (cause) {
    throw new Error(
      `The embedded database in ${folder} cannot be opened${await reasonOf(cause, folder)}. If it is damaged, restore it from a copy, or start anew with \`npm run cli -- reset\`.`,
      { cause },
    );
  }
}

/** What the operator can be told; what goes wrong inside PGlite has no words of use. */
async function reasonOf(cause: unknown, folder: string): Promise<string> {
  if (cause instanceof Error && 'syscall' in cause) return `: ${cause.message}`;
  const { bavail, bsize } = await statfs(folder);
  const freeMb = Math.floor((bavail * bsize) / 2 ** 20);
  return freeMb < NEEDED_MB ? `: ${freeMb} MB are free on its disk, and a new one needs ${NEEDED_MB}` : '';
}
