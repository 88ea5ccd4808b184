/**
 * Brings one log (a conversation's, or a thread's) up to the export, and notes on the way what was done to each
 * message: that is appended once all of them have their numbers.
 */
import type { ChannelKey } from '../../chat/log/port.ts';
import { appendRound, bytesOf } from './append-round.ts';
import { type ImportedEntry, importedMessage } from './entry.ts';
import { stageEvents } from './events.ts';
import type { Person } from './people.ts';
import { exportedMessage } from './stage.ts';
import type { Work } from './work.ts';

/** Of all rounds under way (four conversations with eight threads each) the log holds 64 MiB at most. */
const ROUND_BYTES = 1024 * 1024;

export interface AppendedLog {
  readonly added: number;
  readonly head: number;
  /** Time of the newest message that this run saw, milliseconds since the epoch; null when there was none. */
  readonly lastAt: number | null;
}

/**
 * @param thread key of the thread's root; null for the conversation itself.
 * @param onAuthor told who wrote each message.
 */
export async function appendMessages(
  work: Work,
  channel: ChannelKey,
  thread: string | null,
  headBefore: number,
  onAuthor?: (author: Person) => void,
): Promise<AppendedLog> {
  const { run, staging, people, directory } = work;
  let head = headBefore;
  let added = 0;
  let lastAt: number | null = null;
  let round: ImportedEntry[] = [];
  let roundBytes = 0;

  const flush = async (): Promise<void> => {
    const saved = await appendRound(run, staging, channel, round, head);
    head = saved.head;
    added += saved.added;
    round = [];
    roundBytes = 0;
  };

  for (let staged = staging.next(thread, ''); staged !== null; staged = staging.next(thread, staged.key)) {
    if (run.signal.aborted) break;
    const exported = exportedMessage(staged.json);
    const { person, isListed } = await people.authorOf(exported.message);
    onAuthor?.(person);
    const imported = importedMessage(exported, {
      channelId: channel.channelId,
      isOrphan: thread === null && exported.message.thread_ts !== exported.message.ts,
      directory,
      author: person,
      authorIsListed: isListed,
      now: run.clock.now(),
    });
    await stageEvents(work, thread ?? '', exported, imported, person);
    const [{ at }] = imported.entries;
    lastAt = at;
    const missing = imported.entries.filter(({ entry }) => staging.seqOf(entry.clientMessageId) === null);
    run.tally.add('alreadyThere', imported.entries.length - missing.length);
    for (const item of missing) {
      round.push(item);
      roundBytes += bytesOf(item.entry);
    }
    if (round.length >= run.window || roundBytes >= ROUND_BYTES) await flush();
    work.progress.message();
  }
  // What was read is saved even when the run is being stopped: it is at most one round.
  if (round.length > 0) await flush();
  return { added, head, lastAt };
}
