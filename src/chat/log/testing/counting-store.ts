/** Counts a store's calls by method: how many calls something takes is promised, how long it takes is not. */
import type { AppendBatch, BucketRef, ChannelKey, LogStore } from '../port.ts';

export class CountingStore<Entry> implements LogStore<Entry> {
  readonly bucketSize: number;
  readonly #store: LogStore<Entry>;
  calls: Record<string, number> = {};

  constructor(store: LogStore<Entry>) {
    this.bucketSize = store.bucketSize;
    this.#store = store;
  }

  append(batch: AppendBatch<Entry>) {
    this.#count('append');
    return this.#store.append(batch);
  }

  seal(channel: ChannelKey, head: number, to: string) {
    this.#count('seal');
    return this.#store.seal(channel, head, to);
  }

  consult(ref: BucketRef, sendKeys: readonly string[]) {
    this.#count('consult');
    return this.#store.consult(ref, sendKeys);
  }

  states(refs: readonly BucketRef[]) {
    this.#count('states');
    return this.#store.states(refs);
  }

  tailHints(channels: readonly ChannelKey[]) {
    this.#count('tailHints');
    return this.#store.tailHints(channels);
  }

  hintTail(ref: BucketRef) {
    this.#count('hintTail');
    return this.#store.hintTail(ref);
  }

  range(channel: ChannelKey, from: number, to: number) {
    this.#count('range');
    return this.#store.range(channel, from, to);
  }

  rows(refs: readonly { readonly channel: ChannelKey; readonly seq: number }[]) {
    this.#count('rows');
    return this.#store.rows(refs);
  }

  #count(method: string): void {
    this.calls[method] = (this.calls[method] ?? 0) + 1;
  }
}
