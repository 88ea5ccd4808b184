/** Many small requests, some at a time: one call never floods the coordinator, however much it is asked for. */

/** Results in the order of `items`. After the first failure no further request is begun. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  request: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const rest = items.entries();
  let hasFailed = false;
  const worker = async (): Promise<void> => {
    for (const [i, item] of rest) {
      if (hasFailed) return;
      try {
        results[i] = await request(item);
      } catch (error) {
        hasFailed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
