/** Leaves a batch to the replica that is to append to the channel, when several meet there. */
import type { AppendContext } from './append-context.ts';
import type { NextBatch } from './batch.ts';
import type { Appended, Send } from './log.ts';
import type { PendingSend } from './pending-send.ts';
import type { ChannelKey } from './port.ts';

/**
 * Null when the batch is this replica's own to append: at once, nothing was waited for. Otherwise the rows that the
 * other one answered with, its sends being answered. A send without an answer goes on waiting and stays here, with
 * the buckets it was searched in before it was handed over: so wherever the other one put it, it is found.
 */
export function forward<Entry>(
  { appointed, logger }: Pick<AppendContext<Entry>, 'appointed' | 'logger'>,
  channel: ChannelKey,
  { sends }: NextBatch<Entry>,
): Promise<{ readonly answered: readonly Appended<Entry>[]; readonly isWhole: boolean }> | null {
  if (appointed === null || sends.some((pending) => pending.staysHere)) return null;
  const answers = appointed.forward(
    channel,
    sends.map(({ send }) => send),
  );
  if (answers === null) return null;
  return answers.then(
    (given) => takeOver(sends, given),
    (error: unknown) => {
      logger.error({ err: error, ...channel }, 'asking another replica to append failed');
      return takeOver(sends, []);
    },
  );
}

function takeOver<Entry>(
  sends: readonly PendingSend<Entry>[],
  given: readonly (Appended<Entry> | null)[],
): { readonly answered: readonly Appended<Entry>[]; readonly isWhole: boolean } {
  const answered: Appended<Entry>[] = [];
  sends.forEach((pending, i) => {
    const answer = given[i] ?? null;
    if (answer !== null && isFor(pending.send, answer)) {
      answered.push(answer);
      pending.resolve(answer);
    } else {
      pending.staysHere = true;
    }
  });
  return { answered, isWhole: answered.length === sends.length };
}

const isFor = <Entry>({ sendKey }: Send<Entry>, { row }: Appended<Entry>): boolean => row.sendKey === sendKey;
