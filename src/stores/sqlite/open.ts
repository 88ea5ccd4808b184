/**
 * The embedded message store: both logs in one SQLite file, for one process on one machine. What is acknowledged is
 * synced to the disk, as far as the disk tells the truth.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProjectionStore } from '../../chat/changes/port.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { LogStore } from '../../chat/log/port.ts';
import { changeCodec } from '../entry-codec.ts';
import { keepingAllEnds } from './kept-ends.ts';
import { projectedMessageCodec, sqliteLogStore } from './log-store.ts';
import { sqliteProjectionStore } from './projection-store.ts';
import { WorkerClient } from './worker-client.ts';

export interface SqliteLogs {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: ProjectionStore;
  /** Settles when the store answers; throws StoreUnreachable when it does not. */
  ping(): Promise<void>;
  /** Lets calls under way finish and closes the file. */
  close(): Promise<void>;
}

export interface SqliteLogsOptions {
  /** Folder of the file `messages.sqlite`; made when missing. */
  readonly dataDir: string;
  /** Numbers in a bucket, fixed when the file is made: 4,096, less in tests. */
  readonly bucketSize?: number;
  /** Nobody else opens the file meanwhile: where logs end is kept in memory. */
  readonly isAlone?: boolean;
  /** Within which every call settles; 5 s. */
  readonly deadlineMs?: number;
}

/** Opens the store, making its file when there is none. Throws in plain words when the file cannot be used. */
export async function openSqliteLogs({
  dataDir,
  bucketSize = 4_096,
  isAlone = false,
  deadlineMs = 5_000,
}: SqliteLogsOptions): Promise<SqliteLogs> {
  await mkdir(dataDir, { recursive: true });
  const client = new WorkerClient({ file: join(dataDir, 'messages.sqlite'), bucketSize }, deadlineMs);
  await client.open();
  const stores = {
    messages: sqliteLogStore(client, 'messages', projectedMessageCodec, bucketSize),
    changes: sqliteLogStore(client, 'changes', changeCodec, bucketSize),
    projections: sqliteProjectionStore(client, bucketSize),
  };
  return {
    ...(isAlone ? keepingAllEnds(stores) : stores),
    async ping() {
      await client.call({ log: 'messages', method: 'states', args: { refs: [['', '', 0]] } });
    },
    close: () => client.close(),
  };
}
