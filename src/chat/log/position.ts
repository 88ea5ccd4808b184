/**
 * Where a channel's log ends, as this replica believes. A belief may lag (others append too) and is corrected by
 * the store's answers; that every bucket before `bucket` is full was seen in the store and is certain.
 */
import { bucketOf, lastOfBucket } from './port.ts';

/** Ends of full buckets that are remembered: as many as a search may ask for. */
const KEPT_ENDS = 66;

export class Position {
  readonly #bucketSize: number;
  readonly #ends = new Map<number, number>();
  #head = 0;
  #lastAt = 0;

  constructor(bucketSize: number) {
    this.#bucketSize = bucketSize;
  }

  /** The newest number known; 0 for none. */
  get head(): number {
    return this.#head;
  }

  /** Time of the newest entry; the next one's is never before it. */
  get lastAt(): number {
    return this.#lastAt;
  }

  /** The bucket of the next number. */
  get bucket(): number {
    return bucketOf(this.#head + 1, this.#bucketSize);
  }

  /** What the next append expects of its bucket: its newest number, or null when that append begins it. */
  get expectedLast(): number | null {
    return bucketOf(this.#head, this.#bucketSize) === this.bucket ? this.#head : null;
  }

  /** Numbers left in the bucket. */
  get room(): number {
    return lastOfBucket(this.bucket, this.#bucketSize) - this.#head;
  }

  /** The store has said that the log reaches this far; never moves back. */
  moveTo(head: number, lastAt: number): void {
    if (head <= this.#head) return;
    this.#head = head;
    this.#lastAt = Math.max(this.#lastAt, lastAt);
    if (head % this.#bucketSize === 0) this.noteEnd(head / this.#bucketSize - 1, lastAt);
  }

  /** Another replica says so. A number that fills a bucket is left to the store: only it may begin the next. */
  observe(seq: number, at: number): void {
    if (seq === this.#head + 1 && seq % this.#bucketSize !== 0) this.moveTo(seq, at);
  }

  /** A full bucket's last time, which never changes. */
  noteEnd(bucket: number, at: number): void {
    this.#ends.set(bucket, at);
    if (this.#ends.size > KEPT_ENDS) this.#ends.delete(Math.min(...this.#ends.keys()));
  }

  endOf(bucket: number): number | undefined {
    return this.#ends.get(bucket);
  }
}
