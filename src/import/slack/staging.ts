/**
 * One conversation of the export on its way: its messages put in order, told apart by thread, and beside them what is
 * in the logs already. It lies in a private database on disk, so that neither a day of any size nor a thread that runs
 * through all days is ever in memory; reading goes message by message.
 */
import type { Scratch, ScratchStatement } from './scratch.ts';

export interface StagedMessage {
  /** Its `ts` in the form that sorts. */
  readonly key: string;
  /** Name of its send, were it sent to the conversation itself. */
  readonly clientId: string;
  /** As it stands in the export. */
  readonly json: string;
}

export interface StagedThread {
  readonly root: StagedMessage;
  /** Its first reply. */
  readonly first: StagedMessage;
}

export interface StagedEvent {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Name of the send of the message it is about. */
  readonly clientId: string;
  readonly json: string;
}

const SCHEMA = `
  CREATE TABLE message (
    key TEXT NOT NULL UNIQUE, thread TEXT, client_id TEXT NOT NULL, is_tombstone INTEGER NOT NULL, json TEXT NOT NULL
  );
  CREATE INDEX message_by_thread ON message (thread, key);
  CREATE TABLE there (client_id TEXT PRIMARY KEY, seq INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE changed (send_key TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE event (
    id INTEGER PRIMARY KEY, log TEXT NOT NULL, at INTEGER NOT NULL, client_id TEXT NOT NULL, json TEXT NOT NULL
  );
  CREATE INDEX event_by_time ON event (log, at, id);
  CREATE TABLE follower (thread TEXT NOT NULL, user_id TEXT NOT NULL, PRIMARY KEY (thread, user_id)) WITHOUT ROWID;
`;

/** A reply whose root the export holds, as a message of its own. */
const HAS_ROOT =
  'EXISTS (SELECT 1 FROM message root WHERE root.key = message.thread AND root.thread IS NULL)';
const MESSAGE = 'SELECT key, client_id AS clientId, json FROM message';
const EVENTS_AT_ONCE = 64;

export class Staging {
  readonly #scratch: Scratch;
  /** Each statement is prepared once. */
  readonly #prepared = new Map<string, ScratchStatement>();

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
    scratch.exec(SCHEMA);
  }

  close(): void {
    this.#scratch.close();
  }

  begin(): void {
    this.#scratch.exec('BEGIN');
  }

  commit(): void {
    this.#scratch.exec('COMMIT');
  }

  rollback(): void {
    this.#scratch.exec('ROLLBACK');
  }

  /** False when a message of this time is there already. @param thread key of its root; null outside threads. */
  add(message: StagedMessage, thread: string | null, isTombstone: boolean): boolean {
    const { changes } = this.#sql(
      'INSERT OR IGNORE INTO message (key, thread, client_id, is_tombstone, json) VALUES (?, ?, ?, ?, ?)',
    ).run(message.key, thread, message.clientId, Number(isTombstone), message.json);
    return Number(changes) > 0;
  }

  /** Once all are staged: replies without their root become messages outside threads. */
  releaseOrphans(): void {
    this.#sql(`UPDATE message SET thread = NULL WHERE thread IS NOT NULL AND NOT ${HAS_ROOT}`).run();
  }

  /** What was deleted in Slack is left out, but for roots: their threads hang on them. Answers how many. */
  dropTombstones(): number {
    return this.#count(
      `DELETE FROM message WHERE is_tombstone = 1
        AND NOT EXISTS (SELECT 1 FROM message reply WHERE reply.thread = message.key AND reply.is_tombstone = 0)`,
    );
  }

  /** Replies that an earlier version put into the channel itself stay there. Answers how many. */
  releaseFlat(): number {
    return this.#count(
      'UPDATE message SET thread = NULL WHERE thread IS NOT NULL AND client_id IN (SELECT client_id FROM there)',
    );
  }

  get count(): number {
    return Number(this.#sql('SELECT count(*) AS n FROM message').get()?.n);
  }

  /** The message after this one, of a thread (by its root's key) or outside threads (null). `after` '': the first. */
  next(thread: string | null, after: string): StagedMessage | null {
    const sql =
      thread === null
        ? this.#sql(`${MESSAGE} WHERE thread IS NULL AND key > ? ORDER BY key LIMIT 1`).get(after)
        : this.#sql(`${MESSAGE} WHERE thread = ? AND key > ? ORDER BY key LIMIT 1`).get(thread, after);
    return (sql as StagedMessage | undefined) ?? null;
  }

  /** Threads in the order of their roots. */
  threads(afterRoot: string, limit: number): readonly StagedThread[] {
    return this.#sql('SELECT DISTINCT thread FROM message WHERE thread > ? ORDER BY thread LIMIT ?')
      .all(afterRoot, limit)
      .map(({ thread }) => {
        const rootKey = String(thread);
        const root = this.#sql(`${MESSAGE} WHERE key = ?`).get(rootKey) as StagedMessage | undefined;
        const first = this.next(rootKey, '');
        if (root === undefined || first === null) throw new Error('a thread has a root and a reply');
        return { root, first };
      });
  }

  noteThere(clientId: string, seq: number): void {
    this.#sql('INSERT OR IGNORE INTO there (client_id, seq) VALUES (?, ?)').run(clientId, seq);
  }

  /** Number of a send in its log; null when it is not there. */
  seqOf(clientId: string): number | null {
    const seq = this.#sql('SELECT seq FROM there WHERE client_id = ?').get(clientId)?.seq;
    return seq === undefined ? null : Number(seq);
  }

  noteChanged(sendKey: string): void {
    this.#sql('INSERT OR IGNORE INTO changed (send_key) VALUES (?)').run(sendKey);
  }

  isChanged(sendKey: string): boolean {
    return this.#sql('SELECT 1 FROM changed WHERE send_key = ?').get(sendKey) !== undefined;
  }

  /** @param log key of the thread's root; '' for the conversation itself. */
  addEvent(log: string, event: Omit<StagedEvent, 'id'>): void {
    this.#sql('INSERT INTO event (log, at, client_id, json) VALUES (?, ?, ?, ?)').run(
      log,
      event.at,
      event.clientId,
      event.json,
    );
  }

  /** The next events of a log by their time. */
  events(log: string, after: { readonly at: number; readonly id: number } | null): readonly StagedEvent[] {
    return this.#sql(
      `SELECT id, at, client_id AS clientId, json FROM event
        WHERE log = ? AND (at, id) > (?, ?) ORDER BY at, id LIMIT ${EVENTS_AT_ONCE}`,
    ).all(log, after?.at ?? -1, after?.id ?? 0) as unknown as StagedEvent[];
  }

  addFollower(threadId: string, userId: string): void {
    this.#sql('INSERT OR IGNORE INTO follower (thread, user_id) VALUES (?, ?)').run(threadId, userId);
  }

  /** Threads with their followers, by thread. */
  followed(
    after: string,
    limit: number,
  ): readonly { readonly threadId: string; readonly userIds: readonly string[] }[] {
    return this.#sql(
      `SELECT thread, json_group_array(user_id) AS users FROM follower WHERE thread > ?
        GROUP BY thread ORDER BY thread LIMIT ?`,
    )
      .all(after, limit)
      .map((row) => ({
        threadId: String(row.thread),
        userIds: JSON.parse(String(row.users)) as readonly string[],
      }));
  }

  #count(sql: string): number {
    return Number(this.#sql(sql).run().changes);
  }

  #sql(sql: string): ScratchStatement {
    const known = this.#prepared.get(sql) ?? this.#scratch.prepare(sql);
    this.#prepared.set(sql, known);
    return known;
  }
}
