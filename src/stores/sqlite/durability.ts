/** What makes an answered commit one that survives a power cut, as far as the disk tells the truth; and erased bytes gone. */
import type { DatabaseSync } from 'node:sqlite';

export function setDurability(db: DatabaseSync): void {
  // secure_delete: what is erased is overwritten in its page, not only let go.
  // FULL: the log is synced before a commit returns. The fullfsync pair does what macOS's plain fsync does not.
  db.exec(`
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA secure_delete = ON;
    PRAGMA journal_size_limit = 67108864;
  `);
}
