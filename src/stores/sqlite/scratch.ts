/**
 * A private database for sorting what does not fit into memory. SQLite keeps one without a name in a temporary file
 * that it has unlinked already: closing it, or the end of the process in any way, leaves nothing behind.
 */
import { DatabaseSync } from 'node:sqlite';

const CACHE_KIB = 8 * 1024;

export function openScratch(): DatabaseSync {
  const database = new DatabaseSync('');
  // Nothing in it outlives the process: there is nothing to guard against a crash.
  database.exec(`PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF; PRAGMA cache_size = -${CACHE_KIB}`);
  return database;
}
