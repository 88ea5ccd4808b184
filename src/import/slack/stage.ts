/**
 * Brings a conversation's day files into its staging. A file counts whole or not at all: what is broken is named with
 * its line and passed over, so that mending it and running again has one clear result. What is no message is named
 * once per file, counted and passed over.
 */
import type { ListedConversation } from './conversations.ts';
import { clientMessageIdOf } from './ids.ts';
import type { Run } from './run.ts';
import { type SlackMessage, slackMessage } from './shapes.ts';
import { elements } from './source/elements.ts';
import { UnreadableFile } from './source/export.ts';
import type { Staging } from './staging.ts';
import { tsKey } from './times.ts';

export interface ExportedMessage {
  readonly message: SlackMessage;
  /** As it stands in the export, with the fields that `message` leaves out. */
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Of something that was staged: it was checked then. */
export function exportedMessage(json: string): ExportedMessage {
  const raw = JSON.parse(json) as Record<string, unknown>; // a parsed message is an object
  return { message: slackMessage.parse(raw), raw };
}

/** Entries that tell of another message, beside that message as it became. */
const TELLS_OF_ANOTHER: ReadonlySet<string> = new Set([
  'message_changed',
  'message_deleted',
  'message_replied',
]);

/** @param onFile told after each file. */
export async function stageFiles(
  run: Run,
  staging: Staging,
  listed: ListedConversation,
  channelId: string,
  onFile: (path: string) => void,
): Promise<void> {
  for (const path of listed.files) {
    if (run.signal.aborted) return;
    staging.begin();
    try {
      const counted = await stageFile(run, staging, path, channelId);
      staging.commit();
      run.tally.add('repeated', counted.repeated);
      run.tally.add('badMessages', counted.strange);
      if (counted.strange > 0) {
        run.observer.problem(
          `${path}: ${counted.strange} of ${counted.all} entries are no messages and are left out`,
        );
      }
    } catch (error) {
      staging.rollback();
      if (!(error instanceof UnreadableFile)) throw error;
      run.tally.add('badFiles');
      run.observer.problem(
        `${error.message}. Passed over: mend it and run the same command again, then its messages come last`,
      );
    }
    onFile(path);
  }
}

async function stageFile(
  run: Run,
  staging: Staging,
  path: string,
  channelId: string,
): Promise<{ readonly all: number; readonly strange: number; readonly repeated: number }> {
  const counted = { all: 0, strange: 0, repeated: 0 };
  for await (const { value, json } of elements(path, await run.export.source.open(path))) {
    counted.all += 1;
    const message = slackMessage.safeParse(value).data;
    if (message === undefined) {
      counted.strange += 1;
      continue;
    }
    if (TELLS_OF_ANOTHER.has(message.subtype ?? '')) continue;
    const { ts, thread_ts, subtype } = message;
    const key = tsKey(ts);
    const root = thread_ts ? tsKey(thread_ts) : key;
    const isNew = staging.add(
      { key, clientId: clientMessageIdOf(channelId, ts, 1), json },
      root === key ? null : root,
      subtype === 'tombstone',
    );
    if (!isNew) counted.repeated += 1;
  }
  return counted;
}
