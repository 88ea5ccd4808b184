/**
 * One way to make a DataLoader here: a batch function that finds what it can, and null for the rest. Loaders live
 * as long as one request or one delivered event; nothing of them is shared, so nothing in them goes stale or
 * crosses tenants.
 */
import DataLoader from 'dataloader';

/** What resolvers use of a loader that differs between viewers. */
export interface Loader<K, V> {
  load(key: K): Promise<V>;
  prime(key: K, value: V): unknown;
  clearAll(): unknown;
}

/** One that tells without a promise what is known already. */
export interface KnownLoader<K, V> extends Loader<K, V> {
  /** Undefined while it is not. */
  peek(key: K): V | undefined;
}

/** What the loader has, at once when it is loaded already: whoever executes for many waits for none of them. */
export function loaded<K, V>(loader: Pick<KnownLoader<K, V>, 'peek' | 'load'>, key: K): V | Promise<V> {
  const known = loader.peek(key);
  return known === undefined ? loader.load(key) : known;
}

/**
 * Knows what it has loaded without a promise: a page whose authors were loaded before it is shown, or an event that is
 * executed for each of many viewers, is executed in one go, and not in some hundred promises that wait for the same.
 */
export class KnowingLoader<K, V> extends DataLoader<K, V, string> {
  readonly #known: { values: Map<string, V> };
  readonly #keyOf: (key: K) => string;

  constructor(find: (keys: readonly K[]) => Promise<readonly (V | Error)[]>, keyOf: (key: K) => string) {
    const known = { values: new Map<string, V>() };
    const load = async (keys: readonly K[]): Promise<readonly (V | Error)[]> => {
      // What is cleared meanwhile is not known by an answer from before.
      const { values } = known;
      const found = await find(keys);
      found.forEach((value, i) => {
        const key = keys[i];
        if (key !== undefined && !(value instanceof Error)) values.set(keyOf(key), value);
      });
      return found;
    };
    super(load, { cacheKeyFn: keyOf });
    this.#known = known;
    this.#keyOf = keyOf;
  }

  /** Undefined while it is not loaded. */
  peek(key: K): V | undefined {
    return this.#known.values.get(this.#keyOf(key));
  }

  /** As it is with DataLoader, what is known already stays. */
  override prime(key: K, value: V | PromiseLike<V> | Error): this {
    const name = this.#keyOf(key);
    const isValue = !(
      value instanceof Error ||
      (typeof value === 'object' && value !== null && 'then' in value)
    );
    if (isValue && !this.#known.values.has(name)) this.#known.values.set(name, value);
    return super.prime(key, value);
  }

  override clear(key: K): this {
    const values = new Map(this.#known.values);
    values.delete(this.#keyOf(key));
    this.#known.values = values;
    return super.clear(key);
  }

  override clearAll(): this {
    this.#known.values = new Map();
    return super.clearAll();
  }
}

/** A loader of things by id, from what one store call found of them. */
export const byId = <T>(
  find: (ids: readonly string[]) => Promise<readonly T[]>,
  idOf: (thing: T) => string,
): KnowingLoader<string, T | null> =>
  new KnowingLoader(
    async (ids) => {
      const found = new Map((await find(ids)).map((thing) => [idOf(thing), thing]));
      return ids.map((id) => found.get(id) ?? null);
    },
    (id) => id,
  );

/** A loader of what one store call answers for each id. */
export function fromMap<T>(
  find: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): DataLoader<string, T | null> {
  return new DataLoader(async (ids: readonly string[]) => {
    const found = await find(ids);
    return ids.map((id) => found.get(id) ?? null);
  });
}
