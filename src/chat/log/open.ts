/** Opening a channel for appending, and catching up with replicas that are ahead. */
import type { AppendContext } from './append-context.ts';
import type { ChannelKey } from './port.ts';
import { Position } from './position.ts';
import { findTailFrom, findTails, type Tail } from './tail.ts';

/** Where the log ends; null when it is sealed. Two calls to the store, as a rule. */
export async function openPosition<Entry>(
  { store, hintTail }: Pick<AppendContext<Entry>, 'store' | 'hintTail'>,
  channel: ChannelKey,
): Promise<Position | null> {
  const [tail] = await findTails(store, [channel]);
  if (tail === undefined) throw new Error('one tail for each channel');
  if (tail.isSealed) return null;
  const position = new Position(store.bucketSize);
  take(position, tail);
  // Whoever wrote the bucket's first entry may have ended before it wrote the hint.
  if (tail.bucket > (tail.hint ?? 0)) hintTail(channel, tail.bucket);
  return position;
}

/** Moves to the end of the log, of which every bucket before `bucket` is known to be full. */
export async function catchUp<Entry>(
  { store }: Pick<AppendContext<Entry>, 'store'>,
  channel: ChannelKey,
  position: Position,
  bucket: number,
): Promise<void> {
  take(position, await findTailFrom(store, channel, bucket - 1, position.endOf(bucket - 1) ?? null));
}

function take(position: Position, tail: Tail): void {
  position.moveTo(tail.head, tail.lastAt);
  if (tail.previousEndedAt !== null) position.noteEnd(tail.bucket - 1, tail.previousEndedAt);
}
