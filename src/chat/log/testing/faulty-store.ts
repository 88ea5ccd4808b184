/**
 * A store that fails as real ones do: slowly, refusing, or without saying what became of an append: applied, not
 * applied, or applied some time later, after a linearizable read has called it absent (as Cassandra's may be).
 * Hints lag and lead. Which call fails is drawn from a seeded source.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AppendBatch,
  type AppendOutcome,
  type BucketRef,
  type ChannelKey,
  type LogStore,
  OutcomeUnknown,
  StoreUnreachable,
} from '../port.ts';

/** Shares of calls, 0 to 1. */
export interface Faults {
  /** Of every call: refused before anything was done. */
  readonly refused: number;
  /** Of appends, outcome unknown: certainly not applied, applied, applied later. */
  readonly lost: number;
  readonly unheard: number;
  readonly late: number;
  /** Of hints read: some other bucket, or none. */
  readonly wrongHint: number;
  /** Milliseconds that any call takes at most, and a late append more. */
  readonly latencyMs: number;
}

export const noFaults: Faults = { refused: 0, lost: 0, unheard: 0, late: 0, wrongHint: 0, latencyMs: 0 };

export class FaultyStore<Entry> implements LogStore<Entry> {
  readonly bucketSize: number;
  readonly #store: LogStore<Entry>;
  readonly #random: () => number;
  readonly #late = new Set<Promise<unknown>>();
  faults: Faults;

  /** @param random gives numbers from 0 up to 1, the same ones for the same seed. */
  constructor(store: LogStore<Entry>, faults: Partial<Faults>, random: () => number) {
    this.bucketSize = store.bucketSize;
    this.#store = store;
    this.#random = random;
    this.faults = { ...noFaults, ...faults };
  }

  async append(batch: AppendBatch<Entry>): Promise<AppendOutcome> {
    await this.#delay();
    const { lost, unheard, late } = this.faults;
    const draw = this.#random();
    if (draw < lost) throw new OutcomeUnknown('lost on the way');
    if (draw < lost + unheard) {
      await this.#store.append(batch);
      throw new OutcomeUnknown('the answer was lost');
    }
    if (draw < lost + unheard + late) {
      this.#applyLater(batch);
      throw new OutcomeUnknown('still on its way');
    }
    const outcome = await this.#store.append(batch);
    await this.#latency();
    return outcome;
  }

  async seal(channel: ChannelKey, head: number, to: string) {
    await this.#delay();
    return this.#store.seal(channel, head, to);
  }

  async consult(ref: BucketRef, sendKeys: readonly string[]) {
    await this.#delay();
    const answer = await this.#store.consult(ref, sendKeys);
    await this.#latency();
    return answer;
  }

  async states(refs: readonly BucketRef[]) {
    await this.#delay();
    return this.#store.states(refs);
  }

  async tailHints(channels: readonly ChannelKey[]) {
    await this.#delay();
    const hints = await this.#store.tailHints(channels);
    return hints.map((hint) => (this.#random() < this.faults.wrongHint ? this.#wrong(hint) : hint));
  }

  async hintTail(ref: BucketRef) {
    await this.#delay();
    await this.#store.hintTail(ref);
  }

  async range(channel: ChannelKey, from: number, to: number) {
    await this.#delay();
    return this.#store.range(channel, from, to);
  }

  async rows(refs: readonly { readonly channel: ChannelKey; readonly seq: number }[]) {
    await this.#delay();
    return this.#store.rows(refs);
  }

  /** Settles once nothing is on its way any more. */
  async settled(): Promise<void> {
    while (this.#late.size > 0) await Promise.all(this.#late);
  }

  #applyLater(batch: AppendBatch<Entry>): void {
    const late = sleep(this.#random() * (this.faults.latencyMs + 1) * 6)
      .then(() => this.#store.append(batch))
      .finally(() => this.#late.delete(late));
    this.#late.add(late);
  }

  #wrong(hint: number | null): number | null {
    const draw = this.#random();
    if (draw < 0.3) return null;
    return Math.max(0, (hint ?? 0) + Math.round((this.#random() - 0.5) * 20));
  }

  async #delay(): Promise<void> {
    await this.#latency();
    if (this.#random() < this.faults.refused) throw new StoreUnreachable('refused');
  }

  async #latency(): Promise<void> {
    if (this.faults.latencyMs > 0) await sleep(this.#random() * this.faults.latencyMs);
  }
}
