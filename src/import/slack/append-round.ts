/**
 * Appends one round of a log: messages that are under way together and in order. The next round waits until all of
 * them are saved, so that a store's outage never leaves a gap behind what came later.
 */
import { type MessageEntry, messageSendKey } from '../../chat/log/entries.ts';
import type { Send } from '../../chat/log/log.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import type { ImportedEntry } from './entry.ts';
import { waitOut } from './patience.ts';
import type { Run } from './run.ts';
import type { Staging } from './staging.ts';

export interface AppendedRound {
  readonly added: number;
  /** The newest number seen. */
  readonly head: number;
}

/** @param head the newest number of the log that is known. */
export async function appendRound(
  run: Run,
  staging: Staging,
  channel: ChannelKey,
  round: readonly ImportedEntry[],
  head: number,
): Promise<AppendedRound> {
  // What is not there was looked for in the whole log. Only an append that an earlier run had under way when it was
  // killed may have landed since: a few rounds back at most.
  const basis = Math.max(0, head - 4 * run.window);
  let waiting = round;
  let added = 0;
  let newest = head;
  for (let tries = 0; ; tries += 1) {
    const outcomes = await Promise.allSettled(
      waiting.map((item) => run.stores.messages.append(channel, sendOf(item, basis))),
    );
    const failed: ImportedEntry[] = [];
    let failure: unknown;
    for (const [i, outcome] of outcomes.entries()) {
      const item = waiting[i];
      if (item === undefined) continue;
      if (outcome.status === 'rejected') {
        failed.push(item);
        failure ??= outcome.reason;
        continue;
      }
      const { row, isDuplicate } = outcome.value;
      staging.noteThere(item.entry.clientMessageId, row.seq);
      newest = Math.max(newest, row.seq);
      if (isDuplicate) {
        run.tally.add('alreadyThere');
        continue;
      }
      added += 1;
      run.tally.add('messages');
      // The log had something younger already: what people wrote since, or a file that was mended late.
      if (row.at > item.at) run.tally.add('late');
      for (const counted of item.counts) run.tally.add(counted);
    }
    run.observer.messagesSaved(waiting.length - failed.length);
    if (failed.length === 0) return { added, head: newest };
    await waitOut(run, failure, tries);
    waiting = failed;
  }
}

/** As the log counts them. */
export const bytesOf = ({ text, metadata, mentions }: MessageEntry): number =>
  Buffer.byteLength(text) + Buffer.byteLength(JSON.stringify([metadata, mentions]));

const sendOf = ({ entry, at }: ImportedEntry, basis: number): Send<MessageEntry> => ({
  sendKey: messageSendKey(entry.authorId, entry.clientMessageId),
  entry,
  bytes: bytesOf(entry),
  searchBack: { basis },
  at,
});
