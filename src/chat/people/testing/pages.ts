/** Reading a whole list page by page, in both directions, and checking what each page says of its neighbours. */
import { expect } from 'vitest';
import type { KeysetPage, KeysetSlice } from '../port.ts';

type Fetch<T> = (page: KeysetPage) => Promise<KeysetSlice<T>>;

/** The list as pages of `limit` give it; fails unless both flags of each page are exact. */
export async function walk<T>(fetch: Fetch<T>, limit: number, backward: boolean): Promise<readonly T[]> {
  let all: readonly T[] = [];
  let bound: { after?: string; before?: string } = {};
  for (;;) {
    const page = await fetch({ limit, backward, ...bound });
    const nodes = page.items.map((item) => item.node);
    const isFirst = all.length === 0;
    all = backward ? [...nodes, ...all] : [...all, ...nodes];
    // The side it came from has more exactly when this is not the first page.
    expect(backward ? page.hasNext : page.hasPrevious).toBe(!isFirst && nodes.length > 0);
    const edge = backward ? page.items[0] : page.items.at(-1);
    const goesOn = backward ? page.hasPrevious : page.hasNext;
    if (!goesOn || edge === undefined) return all;
    expect(nodes).toHaveLength(limit);
    bound = backward ? { before: edge.key } : { after: edge.key };
  }
}

/** Every page size and direction gives the same list, and every window between two keys is what lies between. */
export async function expectList<T>(
  fetch: Fetch<T>,
  idOf: (node: T) => string,
  expected: readonly string[],
): Promise<void> {
  for (const limit of [1, 2, 3, expected.length, expected.length + 1]) {
    if (limit === 0) continue;
    for (const backward of [false, true]) {
      expect((await walk(fetch, limit, backward)).map(idOf)).toEqual(expected);
    }
  }
  const { items: all } = await fetch({ limit: expected.length, backward: false });
  const keys = all.map((item) => item.key);
  for (const [from, to] of [
    [0, keys.length - 1],
    [1, 3],
    [2, 2],
    [3, 1],
  ]) {
    const [after, before] = [keys[from ?? 0], keys[to ?? 0]];
    if (after === undefined || before === undefined || from === undefined || to === undefined) continue;
    for (const backward of [false, true]) {
      const between = expected.slice(from + 1, Math.max(to, from + 1));
      for (const limit of [1, expected.length]) {
        const slice = await fetch({ limit, backward, after, before });
        const wanted = backward ? between.slice(-limit) : between.slice(0, limit);
        expect(slice.items.map((item) => idOf(item.node))).toEqual(wanted);
        // The row of the bound itself is always there, on its side.
        expect(slice.hasPrevious).toBe(true);
        expect(slice.hasNext).toBe(true);
      }
    }
  }
}
