/**
 * The thread that holds the database: node:sqlite blocks while the disk syncs, and here it blocks nobody. A group's
 * reads are answered first and see only what is committed; its writes then share one transaction and one sync,
 * each behind a savepoint of its own, so that one that fails takes none of its neighbours with it.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { setDurability } from './durability.ts';
import type { Call, FromWorker, Reply, ToWorker, WorkerSettings } from './protocol.ts';
import { prepareSchema } from './schema.ts';
import { LogTables } from './tables.ts';

const BUSY_TIMEOUT_MS = 2_000;

const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const refused = (error: unknown): Reply => ({ failed: 'refused', message: words(error) });

function openDatabase({ file, bucketSize }: WorkerSettings): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
  setDurability(db);
  prepareSchema(db, bucketSize);
  return db;
}

function serve(settings: WorkerSettings): void {
  if (parentPort === null) throw new Error('this file is the start of a worker thread');
  const port = parentPort;
  const tell = (message: FromWorker) => port.postMessage(message);

  let db: DatabaseSync;
  try {
    db = openDatabase(settings);
  } catch (error) {
    tell({ type: 'refused', message: words(error) });
    port.close();
    return;
  }
  const logs = {
    messages: new LogTables(db, 'messages', settings.bucketSize),
    changes: new LogTables(db, 'changes', settings.bucketSize),
  };
  const answer = (call: Call): Reply => ({ answer: logs[call.log].answer(call) });

  const read = (call: Call): Reply => {
    try {
      return answer(call);
    } catch (error) {
      return refused(error);
    }
  };

  const write = (calls: readonly Call[]): Reply[] => {
    const replies: Reply[] = [];
    let isCommitting = false;
    try {
      db.exec('BEGIN IMMEDIATE');
      for (const call of calls) {
        db.exec('SAVEPOINT one');
        try {
          replies.push(answer(call));
        } catch (error) {
          // A full disk, among others, ends the whole transaction: then nothing of the group is kept.
          if (!db.isTransaction) throw error;
          db.exec('ROLLBACK TO one');
          replies.push(refused(error));
        }
        db.exec('RELEASE one');
      }
      isCommitting = true;
      db.exec('COMMIT');
      return replies;
    } catch (error) {
      // A commit that failed may have reached the disk in part or whole: a recovery could still find it there.
      const failed = isCommitting ? 'unknown' : 'refused';
      if (db.isTransaction) db.exec('ROLLBACK');
      return calls.map(() => ({ failed, message: words(error) }));
    }
  };

  port.on('message', (message: ToWorker) => {
    if (message.type === 'close') {
      db.close();
      port.close();
      return;
    }
    const isWrite = ({ method }: Call) => method === 'append' || method === 'hintTail';
    const replies = message.calls.map((call) => (isWrite(call) ? null : read(call)));
    const written = message.calls.some(isWrite) ? write(message.calls.filter(isWrite)) : [];
    let next = 0;
    tell({
      type: 'replies',
      replies: replies.map((reply) => reply ?? written[next++] ?? { failed: 'unknown', message: 'no reply' }),
    });
  });
  tell({ type: 'opened' });
}

serve(workerData);
