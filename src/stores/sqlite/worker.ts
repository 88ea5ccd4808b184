/** The thread that holds the database: node:sqlite blocks while the disk syncs, and here it blocks nobody. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { setDurability } from './durability.ts';
import { answerGroup } from './group.ts';
import { ProjectionTables } from './projection-tables.ts';
import type { Call, FromWorker, ToWorker, WorkerSettings } from './protocol.ts';
import { prepareSchema } from './schema.ts';
import { Scrub } from './scrub.ts';
import { LogTables } from './tables.ts';

/** How long a write waits for another process's; below the callers' deadline, so that they hear what happened. */
const BUSY_TIMEOUT_MS = 2_000;

function openDatabase({ file, bucketSize }: WorkerSettings): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  setDurability(db);
  prepareSchema(db, bucketSize);
  return db;
}

/** SQLite says what is wrong and not with which file. */
function refusalOf(error: unknown, file: string): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Error && 'errcode' in error)) return message;
  return `The embedded message store ${file} cannot be opened: ${message}. Look at its disk, and whose the file is; if it is damaged, restore it from a copy.`;
}

function serve(settings: WorkerSettings): void {
  if (parentPort === null) throw new Error('this file is the start of a worker thread');
  const port = parentPort;
  const tell = (message: FromWorker) => port.postMessage(message);

  let db: DatabaseSync;
  try {
    db = openDatabase(settings);
  } catch (error) {
    tell({ type: 'refused', message: refusalOf(error, settings.file) });
    port.close();
    return;
  }
  const logs = {
    messages: new LogTables(db, 'messages', settings.bucketSize),
    changes: new LogTables(db, 'changes', settings.bucketSize),
  };
  const projections = new ProjectionTables(db);
  const scrub = new Scrub(db, BUSY_TIMEOUT_MS);
  const answer = (call: Call) => ({
    answer: call.log === 'projections' ? projections.answer(call) : logs[call.log].answer(call),
  });

  port.on('message', (message: ToWorker) => {
    if (message.type === 'group') {
      tell({ type: 'replies', replies: answerGroup(db, answer, message.calls) });
      if (projections.takeErased()) scrub.soon();
    } else {
      scrub.end();
      db.close();
      port.close();
    }
  });
  tell({ type: 'opened' });
}

serve(workerData);
