import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ChannelKey } from '../../src/chat/log/port.ts';
import { openSqliteLogs } from '../../src/stores/sqlite/open.ts';
import { logProperties } from './suite.ts';

logProperties('SQLite', { runs: 60, lanes: 4 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'backscroll-properties-'));
  const logs = await openSqliteLogs({ dataDir, bucketSize: 4 });
  // Behind the adapter's back: whatever table there is.
  const db = new DatabaseSync(join(dataDir, 'messages.sqlite'), { readOnly: true });
  const tables = db
    .prepare(
      `SELECT m.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' AND c.name = 'channel_id'`,
    )
    .all()
    .map(({ name }) => String(name));
  return {
    ...logs,
    dump: async ({ channelId }: ChannelKey) =>
      JSON.stringify(
        tables.map((table) => db.prepare(`SELECT * FROM ${table} WHERE channel_id = ?`).all(channelId)),
      ),
    async close() {
      db.close();
      await logs.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
});
