/**
 * Brings waiting sends so far that they may be written: each is searched for an earlier copy as far back as it must
 * be, beside the appends of those that are ready. Sends that have equally far to look share their reads.
 */
import type { ChannelState } from './channel-state.ts';
import { noAnswer, tooFarBack } from './failures.ts';
import type { PendingSend } from './pending-send.ts';
import { OutcomeUnknown, StoreAway, StoreUnreachable } from './port.ts';
import type { Position } from './position.ts';
import { oldestBucket, readOldestBucket, searchBuckets, type Wanted } from './search.ts';

/** A send whose number is known. */
export interface Found<Entry> {
  readonly pending: PendingSend<Entry>;
  readonly seq: number;
}

export interface SearchListener<Entry> {
  found(found: Found<Entry>): void;
  /** A bucket before the newest is not full: what is believed of the log is wrong. */
  misled(position: Position): void;
  /** Some sends are through, one way or the other. */
  done(): void;
}

export class CopySearch<Entry> {
  readonly #state: Pick<ChannelState<Entry>, 'channel' | 'context' | 'outage' | 'written'>;
  readonly #listener: SearchListener<Entry>;
  /**
   * Where searches under way began, null where that is being read. One at a time for each: what gathers meanwhile
   * shares the next, sends that look equally far keep their order, and those with far to look hold up no others.
   */
  readonly #underWay = new Set<number | null>();

  constructor(
    state: Pick<ChannelState<Entry>, 'channel' | 'context' | 'outage' | 'written'>,
    listener: SearchListener<Entry>,
  ) {
    this.#state = state;
    this.#listener = listener;
  }

  /** Starts what is needed; sends that need nothing read, the usual ones, are ready on return. */
  start(position: Position, waiting: Iterable<PendingSend<Entry>>): void {
    const groups = new Map<number | null, PendingSend<Entry>[]>();
    for (const pending of waiting) {
      if (pending.isSearching || (pending.searched ?? -1) >= position.bucket) continue;
      const from = this.#firstToRead(position, pending);
      if (from !== null && from >= position.bucket) {
        pending.searched = from;
      } else if (!this.#underWay.has(from)) {
        const group = groups.get(from) ?? [];
        if (group.length < this.#state.context.limits.batchRows) group.push(pending);
        groups.set(from, group);
      }
    }
    for (const [from, group] of groups) void this.#run(from, group, position, position.bucket);
  }

  async #run(
    from: number | null,
    group: readonly PendingSend<Entry>[],
    position: Position,
    below: number,
  ): Promise<void> {
    this.#underWay.add(from);
    for (const pending of group) pending.isSearching = true;
    try {
      await this.#search(group, position, below);
    } catch (error) {
      const isAway = error instanceof StoreAway;
      if (!isAway && (error instanceof StoreUnreachable || error instanceof OutcomeUnknown))
        await this.#state.outage.wait();
      else for (const pending of group) pending.reject(isAway ? noAnswer(error) : error);
    } finally {
      this.#underWay.delete(from);
      for (const pending of group) pending.isSearching = false;
      this.#listener.done();
    }
  }

  async #search(group: readonly PendingSend<Entry>[], position: Position, below: number): Promise<void> {
    let wanted: (Wanted & { readonly pending: PendingSend<Entry> })[] = [];
    for (const pending of group) {
      const from = this.#within(pending, below, await this.#readOldest(position, pending));
      if (from === null) {
        pending.reject(tooFarBack());
      } else {
        pending.searched = from;
        wanted.push({ pending, sendKey: pending.send.sendKey, from });
      }
    }
    let low = Math.min(below, ...wanted.map(({ from }) => from));
    while (low < below && wanted.length > 0) {
      const { store } = this.#state.context;
      const { through, found, stopped } = await searchBuckets(store, this.#state.channel, wanted, low, below);
      for (const { pending, sendKey, from } of wanted) {
        // Kept as far as it came: when the store fails, the next search goes on from here.
        pending.searched = Math.max(from, through);
        const seq = found.get(sendKey);
        if (seq !== undefined) this.#listener.found({ pending, seq });
      }
      if (stopped === 'NOT_FULL') {
        this.#listener.misled(position);
        await this.#state.outage.wait();
        return;
      }
      if (stopped !== null) throw stopped.error;
      this.#state.outage.reset();
      wanted = wanted.filter(({ pending, sendKey }) => !pending.isSettled && !found.has(sendKey));
      low = through;
    }
  }

  /** The oldest bucket to look into, as far as it is known without reading. */
  #oldest(position: Position, { searched, send: { searchBack } }: PendingSend<Entry>): number | null {
    // A time names fewer buckets the more have been filled since; the rest goes on from where it was.
    const isTime = searchBack !== 'ONE_BUCKET' && 'since' in searchBack;
    if (searched !== null && !isTime) return searched;
    const { limits, store } = this.#state.context;
    const oldest = oldestBucket(searchBack, position, store.bucketSize, limits.searchBuckets);
    return oldest === null ? null : Math.max(oldest, searched ?? 0);
  }

  /** The same without the buckets of which is known here that the send is not in them. */
  #firstToRead(position: Position, pending: PendingSend<Entry>): number | null {
    const oldest = this.#oldest(position, pending);
    if (oldest === null || oldest >= position.bucket) return oldest;
    const from = this.#within(pending, position.bucket, oldest);
    // Refused by the search.
    if (from === null) return oldest;
    const first = this.#state.written.firstToRead(pending.send.sendKey, from, position.bucket);
    if (first === from) return oldest;
    pending.searched = first;
    return first;
  }

  async #readOldest(position: Position, pending: PendingSend<Entry>): Promise<number> {
    const known = this.#oldest(position, pending);
    if (known !== null) return known;
    const { store, limits } = this.#state.context;
    const { searchBack } = pending.send;
    const read = await readOldestBucket(
      store,
      this.#state.channel,
      searchBack,
      position,
      limits.searchBuckets,
    );
    return Math.max(read, pending.searched ?? 0);
  }

  /** Where to begin when `oldest` is too far back: further up for a young id, nowhere (null) for others. */
  #within(
    { searched, send: { searchBack } }: PendingSend<Entry>,
    below: number,
    oldest: number,
  ): number | null {
    const { clock, limits } = this.#state.context;
    // Judged at the first look; what passes by while a send waits is always searched.
    if (searched !== null || below - oldest <= limits.searchBuckets) return oldest;
    const isYoung =
      searchBack !== 'ONE_BUCKET' &&
      'since' in searchBack &&
      searchBack.since >= clock.now() - limits.youngMs;
    return isYoung ? below - limits.searchBuckets : null;
  }
}
