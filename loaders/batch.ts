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

/** A loader of things by id, from what one store call found of them. */
export function byId<T>(
  find: (ids: readonly string[]) => Promise<readonly T[]>,
  idOf: (thing: T) => string,
): DataLoader<string, T | null> {
  return new DataLoader(async (ids: readonly string[]) => {
    const found = new Map((await find(ids)).map((thing) => [idOf(thing), thing]));
    return ids.map((id) => found.get(id) ?? null);
  });
}

/** A loader of what one store call answers for each id. */
export function fromMap<T>(
  find: (ids: readonly string[]) => Promise<ReadonlyMap<string, T>>,
): DataLoader<string, T | null> {
  return new DataLoader(async (ids: readonly string[]) => {
    const found = await find(ids);
    return ids.map((id) => found.get(id) ?? null);
  });
}
