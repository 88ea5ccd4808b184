/** One import into given stores, with what it said; for tests. */
import type { Organization } from '../../../chat/people/port.ts';
import { importSlack, type SlackImport, type SlackImportResult } from '../import-slack.ts';
import type { ImportStores } from '../run.ts';

export interface ObservedImport extends SlackImportResult {
  readonly problems: readonly string[];
}

export async function runImport(
  folder: string,
  organization: Organization,
  stores: ImportStores,
  options: Partial<Pick<SlackImport, 'signal' | 'subjectRule' | 'window'>> & {
    onSaved?: (total: number) => void;
  } = {},
): Promise<ObservedImport> {
  const problems: string[] = [];
  let saved = 0;
  const result = await importSlack({
    folder,
    organization,
    stores,
    subjectRule: options.subjectRule ?? 'id',
    signal: options.signal ?? new AbortController().signal,
    ...(options.window === undefined ? {} : { window: options.window }),
    observer: {
      started: () => undefined,
      dayFileDone: () => undefined,
      messagesSaved: (count) => {
        saved += count;
        options.onSaved?.(saved);
      },
      channelDone: () => undefined,
      problem: (sentence) => void problems.push(sentence),
    },
  });
  return { ...result, problems };
}
