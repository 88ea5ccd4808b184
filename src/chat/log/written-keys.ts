/**
 * The send keys of full buckets that this replica has written all of, so that a send is not looked for in the store
 * where it cannot be: in a busy channel each send's look ten minutes back is one read for every 4,096 messages of them.
 * A key's hash is kept, not the key: one that is not here is certainly not in the bucket, one that seems to be is read.
 */
import type { LogRow } from './port.ts';

/** The least room of a table; it doubles when it is half full. */
const SMALLEST = 64;

/** Never 0, which marks an empty place. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash === 0 ? 1 : hash;
}

/** The hashes of one bucket's keys. */
class BucketKeys {
  #places = new Int32Array(SMALLEST);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Numbers that it has room for. */
  get room(): number {
    return this.#places.length;
  }

  add(hash: number): void {
    this.#count += 1;
    if (this.#count * 2 > this.#places.length) this.#grow();
    this.#put(hash);
  }

  has(hash: number): boolean {
    const places = this.#places;
    const mask = places.length - 1;
    for (let i = hash & mask; ; i = (i + 1) & mask) {
      const there = places[i];
      if (there === hash) return true;
      if (there === 0) return false;
    }
  }

  #put(hash: number): void {
    const mask = this.#places.length - 1;
    let i = hash & mask;
    while (this.#places[i] !== 0) i = (i + 1) & mask;
    this.#places[i] = hash;
  }

  #grow(): void {
    const old = this.#places;
    this.#places = new Int32Array(old.length * 2);
    for (const hash of old) if (hash !== 0) this.#put(hash);
  }
}

/** What the channels of one log share: how much they keep together, the oldest of it going first. */
export class WrittenKeysBound {
  readonly #most: number;
  readonly #kept = new Map<BucketKeys, () => void>();
  #room = 0;

  /** @param most numbers of four bytes. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Numbers kept now. */
  get room(): number {
    return this.#room;
  }

  /** @param drop forgets the table: it is one too many. */
  keep(keys: BucketKeys, drop: () => void): void {
    this.#kept.set(keys, drop);
    this.grown(keys.room);
  }

  grown(by: number): void {
    this.#room += by;
    for (const [oldest, drop] of this.#kept) {
      if (this.#room <= this.#most) break;
      this.leave(oldest);
      drop();
    }
  }

  leave(keys: BucketKeys): void {
    if (this.#kept.delete(keys)) this.#room -= keys.room;
  }
}

/** Of one channel. */
export class WrittenKeys {
  readonly #bucketSize: number;
  readonly #bound: WrittenKeysBound;
  readonly #buckets = new Map<number, BucketKeys>();

  constructor(bucketSize: number, bound: WrittenKeysBound) {
    this.#bucketSize = bucketSize;
    this.#bound = bound;
  }

  /** This replica has appended these rows, and the store has said so. */
  wrote(bucket: number, rows: readonly LogRow<unknown>[]): void {
    const [first] = rows;
    if (first === undefined) return;
    const before = first.seq - 1 - bucket * this.#bucketSize;
    const keys = before === 0 ? this.#begin(bucket) : this.#buckets.get(bucket);
    if (keys === undefined) return;
    if (keys.count !== before) {
      // Others have written here meanwhile, or nobody knows who: the bucket is read like any.
      this.#drop(bucket, keys);
      return;
    }
    const { room } = keys;
    for (const { sendKey } of rows) keys.add(hashOf(sendKey));
    if (keys.room > room) this.#bound.grown(keys.room - room);
  }

  /**
   * The first bucket, from `from` on, that has to be read for an earlier copy of the send; `below` when none has. Those
   * passed over are full, and the send is in none of them.
   */
  firstToRead(sendKey: string, from: number, below: number): number {
    if (!this.#isWhole(from)) return from;
    const hash = hashOf(sendKey);
    let bucket = from;
    while (bucket < below && this.#isWhole(bucket) && this.#buckets.get(bucket)?.has(hash) === false)
      bucket += 1;
    return bucket;
  }

  /** The log may be another than it was, or the channel is closed. */
  forget(): void {
    for (const keys of this.#buckets.values()) this.#bound.leave(keys);
    this.#buckets.clear();
  }

  #isWhole(bucket: number): boolean {
    return this.#buckets.get(bucket)?.count === this.#bucketSize;
  }

  #begin(bucket: number): BucketKeys {
    const older = this.#buckets.get(bucket);
    if (older !== undefined) this.#drop(bucket, older);
    const keys = new BucketKeys();
    this.#buckets.set(bucket, keys);
    this.#bound.keep(keys, () => this.#buckets.delete(bucket));
    return keys;
  }

  #drop(bucket: number, keys: BucketKeys): void {
    this.#buckets.delete(bucket);
    this.#bound.leave(keys);
  }
}
