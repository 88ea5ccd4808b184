/** Redis answers soon or not at all: nobody waits longer for what can be done without. */

/** Rejects when there is no answer within `ms`. */
export async function soon<T>(ms: number, answer: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error('Redis did not answer in time.')), ms);
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
