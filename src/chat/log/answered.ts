/** Reads of a store have an end: a store that hangs is one that does not answer. */
import { failureOf, noAnswer } from './failures.ts';

/** What is read; throws UNAVAILABLE when that takes longer than `ms`, and the store's error as the domain knows it. */
export async function answeredWithin<T>(ms: number, reading: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const deadline = setTimeout(() => late.reject(noAnswer()), ms);
  try {
    return await Promise.race([reading, late.promise]);
  } catch (error) {
    throw failureOf(error);
  } finally {
    clearTimeout(deadline);
  }
}
