/**
 * Looking for an earlier copy of a send in the full buckets before the newest. Only what is read from a bucket known
 * to be full counts: a copy still on its way into it can no longer land, since its condition on `last` is false for
 * ever. The newest bucket needs no search: the append's own condition on its send rows covers it.
 */
import type { SearchBack } from './log.ts';
import { bucketOf, type ChannelKey, type LogStore, lastOfBucket } from './port.ts';
import type { Position } from './position.ts';

/** Buckets read at once. */
const AT_ONCE = 8;

/**
 * The oldest bucket that may hold an earlier copy, as far as it can be told without reading; null when a bucket's
 * end must be read first. The caller has looked whether the log has gone on as far as a `basis` says.
 * @param most buckets that a search may read; what reaches further is only told to.
 */
export function oldestBucket(
  searchBack: SearchBack,
  position: Position,
  bucketSize: number,
  most: number,
): number | null {
  const newest = position.bucket;
  if (searchBack === 'ONE_BUCKET') return Math.max(0, newest - 1);
  if ('basis' in searchBack) {
    // Nobody knows a number that is not there: such a basis says nothing (it may be from before a restore).
    if (searchBack.basis > position.head) return Math.max(0, newest - 1);
    return bucketOf(searchBack.basis + 1, bucketSize);
  }
  for (let bucket = newest - 1; bucket >= Math.max(0, newest - most - 1); bucket--) {
    const end = position.endOf(bucket);
    if (end === undefined) return null;
    if (end < searchBack.since) return bucket + 1;
  }
  return Math.max(0, newest - most - 1);
}

/** Reads the ends of full buckets, newest first in doubling steps, until `oldestBucket` can tell. */
export async function readOldestBucket(
  store: LogStore<unknown>,
  channel: ChannelKey,
  searchBack: SearchBack,
  position: Position,
  most: number,
): Promise<number> {
  const newest = position.bucket;
  const lowest = Math.max(0, newest - most - 1);
  for (let from = newest - 1, count = 1; ; count *= 2) {
    const oldest = oldestBucket(searchBack, position, store.bucketSize, most);
    if (oldest !== null || from < lowest) return oldest ?? lowest;
    const buckets = Array.from({ length: Math.min(count, from - lowest + 1) }, (_, i) => from - i).filter(
      (bucket) => position.endOf(bucket) === undefined,
    );
    const states = await store.states(buckets.map((bucket) => ({ channel, bucket })));
    buckets.forEach((bucket, i) => {
      const end = states[i]?.lastAt;
      if (end !== undefined) position.noteEnd(bucket, end);
    });
    from -= count;
  }
}

export interface Wanted {
  readonly sendKey: string;
  /** The oldest bucket to look into. */
  readonly from: number;
}

export interface Searched {
  /** Every bucket below was read: what was not found there is not there. */
  readonly through: number;
  /** The numbers that earlier copies have, by send key. */
  readonly found: ReadonlyMap<string, number>;
  /** What kept the search from going on: a bucket that was taken to be full and is not, or the store's error. */
  readonly stopped: 'NOT_FULL' | { readonly error: unknown } | null;
}

/** Looks for earlier copies in some of the buckets from `low` to below `below`, as many as are read at once. */
export async function searchBuckets(
  store: LogStore<unknown>,
  channel: ChannelKey,
  wanted: readonly Wanted[],
  low: number,
  below: number,
): Promise<Searched> {
  const buckets = Array.from({ length: Math.min(AT_ONCE, below - low) }, (_, i) => low + i);
  const answers = await Promise.allSettled(
    buckets.map((bucket) => {
      const keys = wanted.filter(({ from }) => from <= bucket).map(({ sendKey }) => sendKey);
      return store.consult({ channel, bucket }, keys);
    }),
  );
  const found = new Map<string, number>();
  for (const [i, answer] of answers.entries()) {
    const through = low + i;
    if (answer.status === 'rejected') return { through, found, stopped: { error: answer.reason } };
    const { state, sends } = answer.value;
    if (state?.last !== lastOfBucket(through, store.bucketSize))
      return { through, found, stopped: 'NOT_FULL' };
    for (const [sendKey, seq] of sends) if (!found.has(sendKey)) found.set(sendKey, seq);
  }
  return { through: low + buckets.length, found, stopped: null };
}
