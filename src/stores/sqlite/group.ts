/**
 * Answers a group of calls. Its reads come first and see only what is committed; its writes then share one
 * transaction and one sync of the disk, each behind a savepoint of its own where they are several, so that one that
 * fails takes none of its neighbours with it.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Call, Method, Reply } from './protocol.ts';

type Answer = (call: Call) => Reply & { readonly answer: unknown };

const WRITES: ReadonlySet<Method> = new Set([
  'append',
  'seal',
  'hintTail',
  'project',
  'eraseEdits',
  'noteProjected',
] satisfies Method[]);
const isWrite = ({ method }: Call): boolean => WRITES.has(method);
const words = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** @param answer does what one call asks for, in whatever transaction is open; may throw. */
export function answerGroup(
  db: Pick<DatabaseSync, 'exec' | 'isTransaction'>,
  answer: Answer,
  calls: readonly Call[],
): readonly Reply[] {
  const replies = new Map<Call, Reply>();
  for (const call of calls) if (!isWrite(call)) replies.set(call, read(answer, call));
  const writes = calls.filter(isWrite);
  const written = writes.length === 0 ? [] : write(db, answer, writes);
  writes.forEach((call, i) => {
    const reply = written[i];
    if (reply !== undefined) replies.set(call, reply);
  });
  return calls.map((call) => replies.get(call) ?? { failed: 'unknown', message: 'no reply' });
}

function read(answer: Answer, call: Call): Reply {
  try {
    return answer(call);
  } catch (error) {
    return { failed: 'refused', message: words(error) };
  }
}

function write(
  db: Pick<DatabaseSync, 'exec' | 'isTransaction'>,
  answer: Answer,
  calls: readonly Call[],
): readonly Reply[] {
  const replies: Reply[] = [];
  const hasNeighbours = calls.length > 1;
  let isCommitting = false;
  try {
    db.exec('BEGIN IMMEDIATE');
    for (const call of calls) {
      if (hasNeighbours) db.exec('SAVEPOINT one');
      try {
        replies.push(answer(call));
      } catch (error) {
        // A full disk, among others, ends the whole transaction: then nothing of the group is kept.
        if (!hasNeighbours || !db.isTransaction) throw error;
        db.exec('ROLLBACK TO one');
        replies.push({ failed: 'refused', message: words(error) });
      }
      if (hasNeighbours) db.exec('RELEASE one');
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
}
