/** Asks what became of an append whose outcome is not known, for as long as somebody waits for it. */
import type { AppendContext } from './append-context.ts';
import type { Backoff } from './backoff.ts';
import type { NextBatch } from './batch.ts';
import { type BucketAnswer, OutcomeUnknown, StoreUnreachable } from './port.ts';

/** Null once nobody waits any more. */
export async function consultWhileWaited<Entry>(
  { store }: Pick<AppendContext<Entry>, 'store'>,
  { batch, sends }: NextBatch<Entry>,
  outage: Backoff,
): Promise<BucketAnswer | null> {
  const keys = batch.rows.map((row) => row.sendKey);
  while (sends.some((pending) => !pending.isSettled)) {
    try {
      return await store.consult(batch, keys);
    } catch (error) {
      if (!(error instanceof StoreUnreachable || error instanceof OutcomeUnknown)) throw error;
      await outage.wait();
    }
  }
  return null;
}
