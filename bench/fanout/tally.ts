/**
 * Counts and checks deliveries: each subscriber gets each message of its channel once, and all of a channel in the
 * same order; where messages are numbered by the server, in the order of their numbers.
 */
import { type Checks, DELAY_STEP_MICROS, type Heard } from './orders.ts';

const MOST_STEPS = 300_000;
/** A prime below 2^21, so that products stay exact. */
const MODULUS = 2_097_143;

export class Tally {
  readonly #isOrdered: boolean;
  readonly #channelOf: readonly number[];
  readonly #counts: Uint32Array;
  readonly #orders: Float64Array;
  readonly #newestSeqs: Uint32Array;
  /** Of the first subscriber of each channel: the others had the same, or their orders differ. */
  readonly #seen: readonly Set<number>[];
  readonly #firstOf: readonly number[];
  readonly #delays = new Uint32Array(MOST_STEPS);
  deliveries = 0;
  #bytes = 0;

  /** @param channelOf the channel of each subscriber. */
  constructor(channelOf: readonly number[], channels: number, checks: Checks) {
    this.#isOrdered = checks !== 'counted';
    this.#channelOf = channelOf;
    this.#counts = new Uint32Array(channelOf.length);
    this.#orders = new Float64Array(channelOf.length);
    this.#newestSeqs = new Uint32Array(channelOf.length);
    this.#seen = Array.from({ length: channels }, () => new Set<number>());
    this.#firstOf = Array.from({ length: channels }, (_, channel) => channelOf.indexOf(channel));
  }

  /** @param seq the server's own number, -1 where it gives none. Throws what is wrong with the delivery. */
  heard(subscriber: number, number: number, seq: number, delayMicros: number, bytes: number): void {
    const channel = this.#channelOf[subscriber] ?? 0;
    if (seq >= 0) {
      const newest = this.#newestSeqs[subscriber] ?? 0;
      if (newest !== 0 && seq !== newest + 1) throw new Error(`message ${seq} came after message ${newest}`);
      this.#newestSeqs[subscriber] = seq;
    }
    if (this.#isOrdered && this.#firstOf[channel] === subscriber) {
      const seen = this.#seen[channel] as Set<number>;
      if (seen.has(number)) throw new Error(`message ${number} came twice`);
      seen.add(number);
    }
    this.#counts[subscriber] = (this.#counts[subscriber] ?? 0) + 1;
    if (this.#isOrdered)
      this.#orders[subscriber] = ((this.#orders[subscriber] ?? 0) * 1_009 + number + 1) % MODULUS;
    const step = Math.min(MOST_STEPS - 1, Math.max(0, Math.floor(delayMicros / DELAY_STEP_MICROS)));
    this.#delays[step] = (this.#delays[step] ?? 0) + 1;
    this.#bytes += bytes;
    this.deliveries++;
  }

  expectedDeliveries(counts: readonly number[]): number {
    return this.#channelOf.reduce((sum, channel) => sum + (counts[channel] ?? 0), 0);
  }

  /** @param counts how many messages each channel had. Throws what is missing or in another order. */
  result(counts: readonly number[]): Heard {
    this.#channelOf.forEach((channel, subscriber) => {
      const [got, expected] = [this.#counts[subscriber], counts[channel] ?? 0];
      if (got !== expected) throw new Error(`subscriber ${subscriber} got ${got} of ${expected} messages`);
      if (this.#orders[subscriber] !== this.#orders[this.#firstOf[channel] ?? 0]) {
        throw new Error(`subscriber ${subscriber} got the messages in another order than its neighbours`);
      }
    });
    return {
      deliveries: this.deliveries,
      bytes: this.#bytes,
      orders: this.#firstOf.map((first) => this.#orders[first] ?? Number.NaN),
      delays: this.#delays.slice(0, this.#delays.findLastIndex((count) => count > 0) + 1),
    };
  }
}
