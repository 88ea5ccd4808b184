/** One import into given stores, with what it said; for tests. */
import type { Organization } from '../../../chat/people/port.ts';
import { importSlack, type SlackImport, type SlackImportResult } from '../import-slack.ts';
import type { ImportStores } from '../run.ts';

export interface ObservedImport extends SlackImportResult {
  readonly problems: readonly string[];
}

export async function runImport(
  path: string,
  organization: Organization,
  stores: ImportStores,
  options: Partial<Pick<SlackImport, 'signal' | 'subjectRule' | 'window' | 'publicOnly'>> & {
    onSaved?: (total: number) => void;
  } = {},
): Promise<ObservedImport> {
  const problems: string[] = [];
  let saved = 0;
  const result = await importSlack({
    path,
    organization,
    stores,
    subjectRule: options.subjectRule ?? 'id',
    signal: options.signal ?? new AbortController().signal,
    ...(options.window === undefined ? {} : { window: options.window }),
    ...(options.publicOnly === undefined ? {} : { publicOnly: options.publicOnly }),
    observer: {
      started: () => undefined,
      advanced: () => undefined,
      messagesSaved: (count) => {
        saved += count;
        options.onSaved?.(saved);
      },
      conversationDone: () => undefined,
      problem: (sentence) => void problems.push(sentence),
    },
  });
  return { ...result, problems };
}
