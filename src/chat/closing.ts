/** Closing waits for work that may hang on a silent service: never longer than a bound. */

/**
 * Returns whether the work settled, either way, within this time; it goes on all the same. What it threw is its
 * owner's to hear.
 */
export async function settlesWithin(ms: number, work: Promise<unknown>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(resolve, ms, false);
  const settled = () => true;
  try {
    return await Promise.race([work.then(settled, settled), late]);
  } finally {
    clearTimeout(timer);
  }
}
