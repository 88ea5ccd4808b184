/** Puts appended entries into effect where they have one elsewhere, before anybody is told of them or answered. */
import type { AppendContext } from './append-context.ts';
import type { Backoff } from './backoff.ts';
import type { NextBatch } from './batch.ts';
import { OutcomeUnknown, StoreUnreachable } from './port.ts';

/**
 * False when nobody waits for it any more: whoever reads or appends next does it then.
 * @param onDelay called when it did not succeed and is tried again.
 */
export async function putIntoEffect<Entry>(
  { deciding }: Pick<AppendContext<Entry>, 'deciding'>,
  { batch: { channel, rows }, sends }: NextBatch<Entry>,
  outage: Backoff,
  onDelay: () => void,
): Promise<boolean> {
  if (deciding === null) return true;
  for (;;) {
    try {
      await deciding.apply(channel, rows);
      return true;
    } catch (error) {
      if (!(error instanceof StoreUnreachable || error instanceof OutcomeUnknown)) throw error;
      onDelay();
      if (sends.every((pending) => pending.isSettled)) return false;
      await outage.wait();
    }
  }
}
