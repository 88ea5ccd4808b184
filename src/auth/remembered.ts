/**
 * Answers of a store, remembered: a fresh one spares asking, an old one stands in while the store does not
 * answer, so that an outage of the database does not sign everybody out. Bounded; the least recently used goes.
 */
import type { Clock } from '../chat/clock.ts';
import { ChatError } from '../chat/errors.ts';

export interface Patience {
  readonly capacity: number;
  /** An answer this young is not asked for again. */
  readonly freshMs: number;
  /** An answer this old still stands in while the store does not answer. */
  readonly staleMs: number;
  /** How long to wait for the store while an old answer is at hand, and how long to leave it alone once it failed. */
  readonly patienceMs: number;
}

/** All of its fields from the beginning, none ever deleted: that made of each a hash table of a quarter of a kilobyte. */
interface Entry<T> {
  answer: { readonly value: T; readonly at: number } | undefined;
  asking: { readonly promise: Promise<T>; readonly since: number } | undefined;
  failedAt: number | undefined;
}

export class Remembered<T> {
  /** Those with an answer. */
  readonly #entries = new Map<string, Entry<T>>();
  /** Those asked for that have none yet: as many as are under way, and they take nobody's place. */
  readonly #first = new Map<string, Entry<T>>();
  readonly #patience: Patience;
  readonly #clock: Clock;

  constructor(patience: Patience, clock: Clock) {
    this.#patience = patience;
    this.#clock = clock;
  }

  /** An answer that is not to be asked for again; undefined for none. Looking at it is no use of it that keeps it here. */
  fresh(key: string): T | undefined {
    const answer = this.#entries.get(key)?.answer;
    return answer !== undefined && this.#age(answer.at) < this.#patience.freshMs ? answer.value : undefined;
  }

  /** The remembered answer, or what `ask` answers; callers of one key share one question. */
  async get(key: string, ask: () => Promise<T>): Promise<T> {
    const { freshMs, staleMs, patienceMs } = this.#patience;
    const entry = this.#touch(key);
    const age = entry.answer === undefined ? Infinity : this.#age(entry.answer.at);
    if (entry.answer !== undefined && age < freshMs) return entry.answer.value;
    const fallback = age < staleMs ? entry.answer : undefined;
    const hasJustFailed = entry.failedAt !== undefined && this.#age(entry.failedAt) < patienceMs;
    if (fallback !== undefined && hasJustFailed) return fallback.value;
    const { promise, since } = this.#ask(key, entry, ask);
    if (fallback === undefined) return promise;
    const waited = this.#age(since);
    try {
      return await within(Math.max(0, patienceMs - waited), promise, fallback.value);
    } catch (error) {
      // A refusal is an answer; anything else means that the store gave none.
      if (error instanceof ChatError && error.code !== 'UNAVAILABLE') throw error;
      return fallback.value;
    }
  }

  /** Of something later than now, since the clock was set back, nobody knows it: too old to go by, and no older. */
  #age(at: number): number {
    const { freshMs, patienceMs } = this.#patience;
    const age = this.#clock.now() - at;
    return age < 0 ? Math.max(freshMs, patienceMs) : age;
  }

  #touch(key: string): Entry<T> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const entry: Entry<T> = this.#first.get(key) ?? {
      answer: undefined,
      asking: undefined,
      failedAt: undefined,
    };
    this.#first.set(key, entry);
    return entry;
  }

  /** Its first answer has come. */
  #keep(key: string, entry: Entry<T>): void {
    this.#first.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#patience.capacity) break;
      this.#entries.delete(oldest);
    }
  }

  #ask(
    key: string,
    entry: Entry<T>,
    ask: () => Promise<T>,
  ): { readonly promise: Promise<T>; readonly since: number } {
    if (entry.asking !== undefined) return entry.asking;
    const at = this.#clock.now();
    const promise = ask().then(
      (value) => {
        if (entry.answer === undefined) this.#keep(key, entry);
        entry.answer = { value, at };
        entry.failedAt = undefined;
        entry.asking = undefined;
        return value;
      },
      (error: unknown) => {
        entry.failedAt = this.#clock.now();
        entry.asking = undefined;
        if (entry.answer === undefined) this.#first.delete(key);
        throw error;
      },
    );
    // Whoever stopped waiting for it must not leave its failure without an owner.
    promise.catch(() => undefined);
    entry.asking = { promise, since: at };
    return entry.asking;
  }
}

async function within<T>(ms: number, promise: Promise<T>, otherwise: T): Promise<T> {
  const { promise: late, resolve } = Promise.withResolvers<T>();
  const timer = setTimeout(() => resolve(otherwise), ms);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
