/**
 * Finds where logs end. Full buckets come first and only one that is not full follows them, so the end is found by
 * asking which buckets are full: around the tail hint first (believed only if the bucket before it is full), then
 * further up in doubling steps, then in between. All channels share each call to the store.
 */
import { type BucketState, type ChannelKey, type LogStore, lastOfBucket } from './port.ts';

/** Buckets asked for per channel and call; with 16, a hundred million messages are found in a handful of calls. */
const PROBES = 16;

export interface Tail {
  readonly channel: ChannelKey;
  /** The bucket that is not full; it may have nothing yet. */
  readonly bucket: number;
  /** The newest number; of a sealed log, only that of the bucket before. */
  readonly head: number;
  readonly lastAt: number;
  /** Time at which the bucket before ended; null when there is none or it was not asked. */
  readonly previousEndedAt: number | null;
  readonly isSealed: boolean;
  /** The hint that was read; null for none. */
  readonly hint: number | null;
}

interface Search {
  readonly channel: ChannelKey;
  readonly hint: number | null;
  /** Highest bucket known to be full, -1 for none, and its end. */
  full: number;
  endedAt: number | null;
  /** Lowest bucket known not to be full; null while there is none. */
  notFull: { readonly bucket: number; readonly state: BucketState | null } | null;
  probes: readonly number[];
}

/** Ends of logs, in the order asked: two calls as a rule, however many channels. */
export async function findTails(
  store: LogStore<unknown>,
  channels: readonly ChannelKey[],
): Promise<readonly Tail[]> {
  if (channels.length === 0) return [];
  const hints = await store.tailHints(channels);
  return narrow(
    store,
    channels.map((channel, i) => {
      const hint = hints[i] ?? null;
      const near = hint ?? 0;
      const probes = near > 0 ? [near - 1, near] : [0];
      return { channel, hint, full: -1, endedAt: null, notFull: null, probes };
    }),
  );
}

/** The end of a log of which some bucket is known to be full: one call when it has not gone far since. */
export async function findTailFrom(
  store: LogStore<unknown>,
  channel: ChannelKey,
  full: number,
  endedAt: number | null,
): Promise<Tail> {
  const search: Search = { channel, hint: null, full, endedAt, notFull: null, probes: [full + 1] };
  const [tail] = await narrow(store, [search]);
  if (tail === undefined) throw new Error('one tail for each search');
  return tail;
}

async function narrow(store: LogStore<unknown>, searches: readonly Search[]): Promise<readonly Tail[]> {
  for (;;) {
    const asked = searches.flatMap((search) => search.probes.map((bucket) => ({ search, bucket })));
    if (asked.length === 0) break;
    const states = await store.states(
      asked.map(({ search, bucket }) => ({ channel: search.channel, bucket })),
    );
    asked.forEach(({ search, bucket }, i) => {
      note(search, bucket, states[i] ?? null, store.bucketSize);
    });
    for (const search of searches) search.probes = nextProbes(search);
  }
  return searches.map((search) => tailOf(search, store.bucketSize));
}

function note(search: Search, bucket: number, state: BucketState | null, bucketSize: number): void {
  if (state?.last === lastOfBucket(bucket, bucketSize)) {
    if (bucket >= search.full) {
      search.full = bucket;
      search.endedAt = state.lastAt;
    }
  } else if (search.notFull === null || bucket < search.notFull.bucket) {
    search.notFull = { bucket, state };
  }
  // Read before it was filled, while others append: what is full now is the newer truth.
  if (search.notFull !== null && search.notFull.bucket <= search.full) search.notFull = null;
}

function nextProbes({ full, notFull }: Search): readonly number[] {
  if (notFull === null) return Array.from({ length: PROBES }, (_, i) => full + 2 ** i);
  const between = notFull.bucket - full - 1;
  const count = Math.min(between, PROBES);
  return Array.from({ length: count }, (_, i) => full + Math.ceil(((i + 1) * between) / count));
}

function tailOf(search: Search, bucketSize: number): Tail {
  const { channel, hint, full, endedAt, notFull } = search;
  const state = notFull?.state ?? null;
  const isSealed = state?.last === -1;
  return {
    channel,
    hint,
    bucket: full + 1,
    head: state === null || isSealed ? (full + 1) * bucketSize : state.last,
    lastAt: state?.lastAt ?? endedAt ?? 0,
    previousEndedAt: endedAt,
    isSealed,
  };
}
