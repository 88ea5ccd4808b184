/**
 * The messages of one channel in the order they were sent: day files by date, one in memory at a time, sorted by
 * `ts` within. The same files give the same stream, which is what lets a second run find its place. What is no
 * message is named once per file, counted and passed over.
 */
import { readList, UnreadableFile } from './export-folder.ts';
import type { Run } from './run.ts';
import { type SlackMessage, slackMessage } from './shapes.ts';
import { compareTs } from './times.ts';

export interface ExportedMessage {
  readonly message: SlackMessage;
  /** As it stands in the export, with the fields that `message` leaves out. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export async function* messageStream(run: Run, files: readonly string[]): AsyncGenerator<ExportedMessage> {
  for (const file of files) {
    if (run.signal.aborted) return;
    yield* await messagesOfDay(run, file);
    run.observer.dayFileDone();
  }
}

async function messagesOfDay(run: Run, file: string): Promise<readonly ExportedMessage[]> {
  let list: readonly unknown[];
  try {
    list = await readList(run.export, file);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    run.tally.add('badFiles');
    run.observer.problem(error.message);
    return [];
  }
  const messages = list.flatMap((raw) => {
    const parsed = slackMessage.safeParse(raw);
    // A parsed message is an object: its raw form may be read by field.
    return parsed.success ? [{ message: parsed.data, raw: raw as Record<string, unknown> }] : [];
  });
  const strange = list.length - messages.length;
  if (strange > 0) {
    run.tally.add('badMessages', strange);
    run.observer.problem(`${file}: ${strange} of ${list.length} entries are no messages and are left out`);
  }
  messages.sort((a, b) => compareTs(a.message.ts, b.message.ts));
  const once = messages.filter((m, i) => i === 0 || m.message.ts !== messages[i - 1]?.message.ts);
  run.tally.add('repeated', messages.length - once.length);
  return once;
}
