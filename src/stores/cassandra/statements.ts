/**
 * The prepared statements of one log. The append's three name what is written once and nothing else: a projection
 * column named here, even as null, would shadow every later projection of that row.
 */
import type { Column } from '../entry-codec.ts';
import type { LogName } from './tables.ts';

const BUCKET = 'organization_id = ? AND channel_id = ? AND bucket = ?';

export interface LogStatements {
  /** last, last_at, bucket ref, expected last (null in a new bucket). The condition of the whole batch. */
  readonly setLast: string;
  /** bucket ref, seq, sent_as, created_at, then the entry's columns. Unconditional. */
  readonly addRow: string;
  /** bucket ref, send_key, sent_seq. Conditional: not there yet. */
  readonly addSend: string;
  /** head, cell, bucket ref, expected last (null in a bucket that has none). Conditional. */
  readonly seal: string;
  /** bucket ref, list of (seq, send_key). Statics come with each row found. */
  readonly consult: string;
  /** bucket ref. No row when nothing was ever written. */
  readonly state: string;
  /** bucket ref, from, to; descending, as they lie. */
  readonly range: string;
  /** bucket ref, list of seq. */
  readonly rows: string;
  /** channel ref. */
  readonly tail: string;
  /** channel ref, bucket, timestamp. */
  readonly hintTail: string;
}

export function statementsOf(
  keyspace: string,
  log: LogName,
  entryColumns: readonly Column[],
  laterColumns: readonly string[],
): LogStatements {
  const table = `${keyspace}.${log}`;
  const names = entryColumns.map((column) => column.name);
  const row = ['seq', 'sent_as', 'created_at', ...names].join(', ');
  const shown = [row, ...laterColumns].join(', ');
  // Only changes are projected.
  const statics = `last, last_at, sealed_at, sealed_to${log === 'changes' ? ', projected' : ''}`;
  return {
    setLast: `UPDATE ${table} SET last = ?, last_at = ? WHERE ${BUCKET} IF last = ?`,
    addRow: `INSERT INTO ${table} (organization_id, channel_id, bucket, send_key, ${row})
             VALUES (?, ?, ?, '', ?, ?, ?, ${names.map(() => '?').join(', ')})`,
    addSend: `INSERT INTO ${table} (organization_id, channel_id, bucket, seq, send_key, sent_seq)
              VALUES (?, ?, ?, 0, ?, ?) IF NOT EXISTS`,
    seal: `UPDATE ${table} SET last = -1, sealed_at = ?, sealed_to = ? WHERE ${BUCKET} IF last = ?`,
    consult: `SELECT ${statics}, seq, send_key, sent_seq FROM ${table} WHERE ${BUCKET} AND (seq, send_key) IN ?`,
    state: `SELECT DISTINCT ${statics} FROM ${table} WHERE ${BUCKET}`,
    range: `SELECT ${shown} FROM ${table} WHERE ${BUCKET} AND seq >= ? AND seq <= ?`,
    rows: `SELECT ${shown} FROM ${table} WHERE ${BUCKET} AND seq IN ? AND send_key = ''`,
    tail: `SELECT bucket FROM ${table}_tail WHERE organization_id = ? AND channel_id = ?`,
    hintTail: `INSERT INTO ${table}_tail (organization_id, channel_id, bucket) VALUES (?, ?, ?) USING TIMESTAMP ?`,
  };
}
