/** From what a client said of a send to how far back an earlier copy of it is looked for. */
import { uuidv7Time } from '../ids.ts';
import { CLIENT_CLOCK_MS } from './append-limits.ts';
import type { SearchBack } from './log.ts';

/**
 * @param basis newest number the client knew when it first tried this send; wins over the id's time. The caller
 * has refused negative ones; one above the head says nothing.
 * @param now milliseconds since the epoch, by this server's clock.
 */
export function messageSearchBack(clientMessageId: string, basis: number | null, now: number): SearchBack {
  if (basis !== null) return { basis };
  const time = uuidv7Time(clientMessageId);
  // An id from further ahead than clocks are wrong says nothing of when it was made.
  if (time === null || time > now + CLIENT_CLOCK_MS) return 'ONE_BUCKET';
  return { since: time - CLIENT_CLOCK_MS };
}
