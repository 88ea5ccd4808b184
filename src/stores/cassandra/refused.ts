/**
 * Reads what Cassandra answers with statics and send rows: to a conditional batch that did not apply, and to a
 * consultation. A refused batch answers in one of three shapes: each of its send rows that was there, every one with
 * the statics; or one row with the statics alone (its seq is null); or, when a number was expected of an empty
 * bucket, nothing at all.
 */
import type { BucketAnswer, BucketState } from '../../chat/log/port.ts';
import { numberOrNull, type Row, textOrNull } from './values.ts';

/** The statics that any row of a bucket carries; null when nothing was ever appended. */
export function stateOf(row: Row | undefined): BucketState | null {
  const last = numberOrNull(row?.last);
  if (last === null) return null;
  const projected = numberOrNull(row?.projected);
  const [at, to] = [numberOrNull(row?.sealed_at), textOrNull(row?.sealed_to)];
  return {
    last,
    // A log sealed before its first message has no time.
    lastAt: numberOrNull(row?.last_at) ?? 0,
    ...(projected !== null && { projected }),
    ...(at !== null && to !== null && { sealed: { at, to } }),
  };
}

export function answerOf(rows: readonly Row[]): BucketAnswer {
  let state: BucketState | null = null;
  const sends = new Map<string, number>();
  for (const row of rows) {
    state ??= stateOf(row);
    const key = textOrNull(row.send_key);
    const sent = numberOrNull(row.sent_seq);
    if (key !== null && sent !== null && numberOrNull(row.seq) === 0) sends.set(key, sent);
  }
  return { state, sends };
}
