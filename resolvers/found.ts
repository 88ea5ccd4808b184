/** For fields that are never null: what must be there, or an error that says what is not. */
import { notFound } from '../src/chat/errors.ts';

/** Throws NOT_FOUND when there is nothing. @param what begins the message: "The channel". */
export function found<T>(what: string, value: T | null | undefined): T {
  if (value === null || value === undefined) throw notFound(what);
  return value;
}
