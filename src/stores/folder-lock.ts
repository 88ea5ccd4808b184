/**
 * One process at a time in a data folder. The embedded databases need it: PGlite locks nothing at all, and two
 * processes on one folder lose rows silently.
 *
 * The lock is the operating system's own, held through an open SQLite transaction on a file in the folder. So it
 * ends with its process, however that ends (kill -9 too): there is no stale lock to judge by process ids, which other
 * programs reuse and containers share. Another file beside it says who holds it; that one is for the message only.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';

const LOCK = 'backscroll.lock';
const HOLDER = 'backscroll.lock.json';
const TRIES = 6;

/** Who holds the folder, as they wrote it themselves. */
export interface FolderHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  /** The port it serves, where it has one. */
  readonly port: number | null;
}

/** Another process uses the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly folder: string;
  /** Null when it has not said so yet: it took the lock just now. */
  readonly holder: FolderHolder | null;

  constructor(folder: string, holder: FolderHolder | null) {
    const who =
      holder === null
        ? 'another process'
        : `process ${holder.pid}${holder.host === hostname() ? '' : ` on ${holder.host}`}${
            holder.port === null ? '' : `, port ${holder.port}`
          }, since ${holder.since}`;
    super(
      `The data folder ${folder} is in use by ${who}. Stop it first, or give this one a folder of its own with DATA_DIR.`,
    );
    this.folder = folder;
    this.holder = holder;
  }
}

export interface FolderLock {
  /** Lets others have the folder. Call after everything in it is closed; again does nothing. */
  release(): Promise<void>;
}

/** Locks of this process: the connection holds the lock, so nothing may collect it. */
const held = new Set<DatabaseSync>();

const isBusy = (error: unknown): boolean =>
  // SQLITE_BUSY and its extended codes.
  error instanceof Error &&
  'errcode' in error &&
  typeof error.errcode === 'number' &&
  (error.errcode & 0xff) === 5;

function open(folder: string): DatabaseSync | null {
  const database = new DatabaseSync(join(folder, LOCK), { timeout: 0 });
  try {
    // Nothing is ever written to it: no journal that could be left behind.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
}

async function readHolder(folder: string): Promise<FolderHolder | null> {
  try {
    const said: unknown = JSON.parse(await readFile(join(folder, HOLDER), 'utf8'));
    if (typeof said !== 'object' || said === null) return null;
    const { pid, host, since, port } = said as Record<string, unknown>;
    if (typeof pid !== 'number' || typeof host !== 'string' || typeof since !== 'string') return null;
    return { pid, host, since, port: typeof port === 'number' ? port : null };
  } catch {
    // Not written yet, or half written: it says nothing then.
    return null;
  }
}

/** False for a process of this host that is no more: the file is an earlier holder's. */
function mayBeAlive(holder: FolderHolder): boolean {
  if (holder.host !== hostname()) return true;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Makes a folder and those above it. Step by step, because `mkdir` with `recursive` never returns where a file system
 * answers ENOENT although the parent is there (Node 24 on /proc).
 */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    const parent = dirname(folder);
    if (code !== 'ENOENT' || parent === folder || existsSync(parent)) throw error;
    await makeFolder(parent);
    await mkdir(folder);
  }
}

/**
 * The lock, or who has it. Asked a few times: two that try at the same moment can get in each other's way without
 * either having it, and a new holder says who it is only after it has the lock.
 */
async function acquire(folder: string): Promise<DatabaseSync> {
  let holder: FolderHolder | null = null;
  for (let tries = 0; tries < TRIES; tries++) {
    const database = open(folder);
    if (database !== null) return database;
    const named = await readHolder(folder);
    holder = named !== null && mayBeAlive(named) ? named : null;
    await sleep(25 + Math.random() * 50);
  }
  throw new FolderInUse(folder, holder);
}

/**
 * Takes the folder, making it where it is missing. Throws FolderInUse when another process (or this one, elsewhere)
 * has it, and Error when the folder cannot be written.
 */
export async function lockFolder(
  dataDir: string,
  options: { readonly port?: number } = {},
): Promise<FolderLock> {
  let lock: DatabaseSync;
  try {
    await makeFolder(dataDir);
    lock = await acquire(dataDir);
  } catch (cause) {
    throw cause instanceof FolderInUse ? cause : unusable(dataDir, cause);
  }
  held.add(lock);
  const release = async (): Promise<void> => {
    if (!held.delete(lock)) return;
    // While the lock is still ours: a later holder's file must not be the one that goes.
    await rm(join(dataDir, HOLDER), { force: true });
    lock.close();
  };
  const holder: FolderHolder = {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    port: options.port ?? null,
  };
  try {
    await writeFile(join(dataDir, HOLDER), `${JSON.stringify(holder)}\n`);
  } catch (cause) {
    // What says who holds it may be an earlier holder's, and as little to be removed as written.
    await release().catch(() => lock.close());
    throw unusable(dataDir, cause);
  }
  return { release };
}

function unusable(dataDir: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `The data folder ${dataDir} cannot be used (${reason}). Check that it can be written, or name another with DATA_DIR.`,
    { cause },
  );
}
