/**
 * Brings a channel's log up to the export: finds where an earlier run stopped, then appends in rounds. Messages of
 * a round are under way together and in order; the next round waits until all of them are saved, so that a store's
 * outage can never leave a gap behind what came later.
 */
import { type MessageEntry, messageSendKey } from '../../chat/log/entries.ts';
import type { Send } from '../../chat/log/log.ts';
import type { ChannelKey } from '../../chat/log/port.ts';
import type { ImportedEntry } from './entry.ts';
import { patiently, waitOut } from './patience.ts';
import { earlierRun } from './resume.ts';
import type { Run } from './run.ts';

export interface AppendedChannel {
  readonly added: number;
  readonly head: number;
  /** Time of the newest message that this run saw, milliseconds since the epoch; null when there was none. */
  readonly lastAt: number | null;
}

/** The channel holds imported messages, but none of the newest of them is in this export. */
export class AnotherExport extends Error {
  override readonly name = 'AnotherExport';
}

export async function appendChannel(
  run: Run,
  channel: ChannelKey,
  entries: AsyncIterable<ImportedEntry>,
): Promise<AppendedChannel> {
  const log = run.stores.messages;
  const earlier = await patiently(run, () => earlierRun(log, channel, run.window));
  let { head } = earlier;
  let added = 0;
  let lastAt: number | null = null;
  let passed = 0;
  let isUnderway = earlier.newest.size === 0;
  let round: ImportedEntry[] = [];

  const flush = async (): Promise<void> => {
    const saved = await appendRound(run, channel, round, head);
    head = Math.max(head, saved.head);
    added += saved.added;
    round = [];
  };

  for await (const item of entries) {
    if (run.signal.aborted) break;
    const isThere = earlier.newest.delete(item.entry.clientMessageId);
    if (!isUnderway && isThere) {
      isUnderway = true;
      // More of the export lies before this message than the channel holds: it cannot be put in any more.
      run.tally.add('tooLate', passed - earlier.before);
    }
    lastAt = item.at;
    if (!isUnderway || isThere) {
      passed += 1;
      run.tally.add('alreadyThere');
      continue;
    }
    // Younger ones are there already: an outage or an unreadable file made this one late. Late is better than lost.
    if (earlier.newest.size > 0) run.tally.add('late');
    round.push(item);
    if (round.length >= run.window) await flush();
  }
  if (!isUnderway && !run.signal.aborted) {
    throw new AnotherExport('holds messages of an import that are not in this export; left as it is');
  }
  // What was read is saved even when the run is being stopped: it is at most one round.
  if (round.length > 0) await flush();
  return { added, head, lastAt };
}

async function appendRound(
  run: Run,
  channel: ChannelKey,
  round: readonly ImportedEntry[],
  head: number,
): Promise<{ added: number; head: number }> {
  // Going on may repeat what an outage had put out of order within a round: copies lie a few windows back at most.
  // Naming that place keeps the search short.
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
      // An outage may have let younger ones of the round go first.
      if (outcome.value.row.seq < newest && !outcome.value.isDuplicate) run.tally.add('late');
      newest = Math.max(newest, outcome.value.row.seq);
      if (outcome.value.isDuplicate) {
        run.tally.add('alreadyThere');
      } else {
        added += 1;
        run.tally.add('messages');
        for (const counted of item.counts) run.tally.add(counted);
      }
    }
    run.observer.messagesSaved(waiting.length - failed.length);
    if (failed.length === 0) return { added, head: newest };
    await waitOut(run, failure, tries);
    waiting = failed;
  }
}

function sendOf(item: ImportedEntry, basis: number): Send<MessageEntry> {
  const { entry } = item;
  const stored = JSON.stringify([entry.metadata, entry.mentions]);
  return {
    sendKey: messageSendKey(entry.authorId, entry.clientMessageId),
    entry,
    bytes: Buffer.byteLength(entry.text) + Buffer.byteLength(stored),
    searchBack: { basis },
    at: item.at,
  };
}
