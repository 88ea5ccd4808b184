/** Reads of many things, together: one is under way at a time, and all who ask meanwhile share the next. */

export interface ReadsOptions<Key, Value> {
  readonly nameOf: (key: Key) => string;
  /** What is there of each, in the order asked. */
  readonly load: (keys: readonly Key[]) => Promise<readonly Value[]>;
  /** In one call; more go in the next. */
  readonly atOnce: number;
  /** Told once of what was found, before any who asked. */
  readonly onFound?: (found: ReadonlyMap<string, Value>) => void;
  readonly onFailed: (error: unknown) => void;
}

export class Reads<Key, Value> {
  readonly #options: ReadsOptions<Key, Value>;
  #next = newRead<Key, Value>();
  #isReading = false;

  constructor(options: ReadsOptions<Key, Value>) {
    this.#options = options;
  }

  /** What was there after this call, by name, others' share included; null when it could not be read. Never rejects. */
  read(keys: Iterable<Key>): Promise<ReadonlyMap<string, Value> | null> {
    const { done } = this.#next;
    for (const key of keys) this.#next.keys.set(this.#options.nameOf(key), key);
    if (!this.#isReading) void this.#run();
    return done.promise;
  }

  async #run(): Promise<void> {
    this.#isReading = true;
    // What is asked for in the same tick goes together.
    await new Promise(setImmediate);
    while (this.#next.keys.size > 0) {
      const { keys, done } = this.#next;
      this.#next = newRead();
      done.resolve(await this.#read(keys));
    }
    // Asked for nothing.
    this.#next.done.resolve(new Map());
    this.#next = newRead();
    this.#isReading = false;
  }

  async #read(keys: ReadonlyMap<string, Key>): Promise<ReadonlyMap<string, Value> | null> {
    const { load, atOnce, onFound, onFailed } = this.#options;
    const all = [...keys];
    const found = new Map<string, Value>();
    try {
      for (let i = 0; i < all.length; i += atOnce) {
        const some = all.slice(i, i + atOnce);
        const values = await load(some.map(([, key]) => key));
        for (const [at, [name]] of some.entries()) {
          const value = values[at];
          if (value !== undefined) found.set(name, value);
        }
      }
      onFound?.(found);
      return found;
    } catch (error) {
      onFailed(error);
      return null;
    }
  }
}

const newRead = <Key, Value>() => ({
  keys: new Map<string, Key>(),
  done: Promise.withResolvers<ReadonlyMap<string, Value> | null>(),
});
