/**
 * For a store all of whose calls this process makes, and where a read that is asked for after a write has ended, however
 * it ended, sees what the write has done. Values that only this process writes, kept in memory: exactly, not merely
 * fresh. Nothing that was read before a write began or ended is kept after it; what becomes of a write is told by
 * whoever made it, or asked for anew.
 */
export class ExactMemory<Value> {
  readonly #most: number;
  /** Those used longest ago first. */
  readonly #values = new Map<string, Value>();
  /** The moment at which each was last touched by a write, oldest first. */
  readonly #written = new Map<string, number>();
  /** Of all that are not among those. */
  #writtenBefore = 0;
  #moment = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#values.size;
  }

  /** Now, for `keep`: taken before what is to be kept is read. */
  get moment(): number {
    return this.#moment;
  }

  /** Undefined: ask for it. */
  get(key: string): Value | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  /** A write begins or ends: what was known is known no more. Gives the moment after it. */
  forget(key: string): number {
    this.#moment += 1;
    this.#values.delete(key);
    this.#written.delete(key);
    this.#written.set(key, this.#moment);
    for (const [oldest, moment] of this.#written) {
      if (this.#written.size <= this.#most) break;
      this.#written.delete(oldest);
      this.#writtenBefore = moment;
    }
    return this.#moment;
  }

  /** Keeps what was true at that moment, unless it was written since. */
  keep(key: string, value: Value, moment: number): void {
    if ((this.#written.get(key) ?? this.#writtenBefore) > moment) return;
    this.#values.delete(key);
    this.#values.set(key, value);
    for (const oldest of this.#values.keys()) {
      if (this.#values.size <= this.#most) break;
      this.#values.delete(oldest);
    }
  }

  /** A write of one value. @param after what it is then, when the outcome says so. */
  async write<Outcome>(
    key: string,
    write: () => Promise<Outcome>,
    after?: (outcome: Outcome) => Value | undefined,
  ): Promise<Outcome> {
    const begun = this.forget(key);
    try {
      const outcome = await write();
      // Another that began or ended meanwhile may have come after it.
      const wasAlone = this.#written.get(key) === begun;
      const moment = this.forget(key);
      const value = wasAlone ? after?.(outcome) : undefined;
      if (value !== undefined) this.keep(key, value, moment);
      return outcome;
    } catch (error) {
      this.forget(key);
      throw error;
    }
  }

  /** Values in the order asked, of which those that are not known are read in one call. */
  async read<Key>(
    keys: readonly Key[],
    nameOf: (key: Key) => string,
    read: (missing: readonly Key[]) => Promise<readonly Value[]>,
  ): Promise<readonly (Value | undefined)[]> {
    const moment = this.#moment;
    const known = keys.map((key) => this.get(nameOf(key)));
    const missing = keys.filter((_, i) => known[i] === undefined);
    if (missing.length === 0) return known;
    const found = await read(missing);
    missing.forEach((key, i) => {
      const value = found[i];
      if (value !== undefined) this.keep(nameOf(key), value, moment);
    });
    const values = found.values();
    return known.map((value) => (value === undefined ? values.next().value : value));
  }
}
