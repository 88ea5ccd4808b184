/** What goes into the next append: as many waiting sends as may share it. */
import type { AppendLimits } from './append-limits.ts';
import type { PendingSend } from './pending-send.ts';
import type { AppendBatch, ChannelKey, LogRow } from './port.ts';
import type { Position } from './position.ts';

export interface NextBatch<Entry> {
  readonly batch: AppendBatch<Entry>;
  /** The send of each row, in the same order. */
  readonly sends: readonly PendingSend<Entry>[];
  /** Sends that were decided against: answered once it is certain that the state they were decided on is the newest. */
  readonly undone?: readonly { readonly pending: PendingSend<Entry>; readonly error: Error }[];
}

/**
 * Null when no waiting send may go yet. `searched` is tested here, when the batch's bucket is known, and not when a
 * send arrives: by then its earlier copy may still be on its way into the bucket before.
 */
export function nextBatch<Entry>(
  channel: ChannelKey,
  position: Position,
  waiting: Iterable<PendingSend<Entry>>,
  limits: Pick<AppendLimits, 'batchRows' | 'batchBytes'>,
  now: number,
): NextBatch<Entry> | null {
  const { bucket } = position;
  const most = Math.min(limits.batchRows, position.room);
  const sends: PendingSend<Entry>[] = [];
  let bytes = 0;
  for (const pending of waiting) {
    if (pending.searched === null || pending.searched < bucket) continue;
    bytes += pending.send.bytes;
    if (sends.length > 0 && bytes > limits.batchBytes) break;
    sends.push(pending);
    if (sends.length === most) break;
  }
  if (sends.length === 0) return null;

  let at = position.lastAt;
  const rows = sends.map(({ send }, i): LogRow<Entry> => {
    at = Math.max(at, send.at ?? now);
    return { seq: position.head + 1 + i, at, sendKey: send.sendKey, entry: send.entry };
  });
  // Cassandra would apply such a batch and give one send two numbers.
  if (new Set(rows.map((row) => row.sendKey)).size < rows.length) throw new Error('a key twice in one batch');
  return { batch: { channel, bucket, expectedLast: position.expectedLast, rows }, sends };
}
