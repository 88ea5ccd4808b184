/** What names a request in the log and in traces: the client's own `x-request-id`, when it is fit to be written there. */
import { randomUUID } from 'node:crypto';

/** Long enough for every usual id, too short for a token. */
const FIT = /^[\w.:/+=@~-]{1,64}$/;

export const REQUEST_ID_HEADER = 'x-request-id';

/** The first that fits; a new one when none does. */
export function requestIdOf(...given: readonly unknown[]): string {
  for (const id of given) if (typeof id === 'string' && FIT.test(id)) return id;
  return randomUUID();
}

/** A header among those that a client put into a message, whatever the case of its name. */
export function headerIn(fields: unknown, wanted: string): string | undefined {
  if (typeof fields !== 'object' || fields === null) return undefined;
  for (const [name, value] of Object.entries(fields)) {
    if (name.toLowerCase() === wanted && typeof value === 'string') return value;
  }
  return undefined;
}
