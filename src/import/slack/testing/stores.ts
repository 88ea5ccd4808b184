/** The stores of an import over adapters that a test has opened, with the logs that belong above them. */
import { createChangeLog } from '../../../chat/changes/change-log.ts';
import type { ProjectionStore } from '../../../chat/changes/port.ts';
import { systemClock } from '../../../chat/clock.ts';
import { createLog } from '../../../chat/log/create-log.ts';
import type { ChangeEntry, MessageEntry } from '../../../chat/log/entries.ts';
import type { LogStore } from '../../../chat/log/port.ts';
import { silentLogger } from '../../../chat/logger.ts';
import type { Relational } from '../../../stores/relational/open.ts';
import { openScratch } from '../../../stores/sqlite/scratch.ts';
import type { ImportStores } from '../run.ts';

export interface LogAdapters {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: ProjectionStore;
}

/** Both logs made anew, as a new process would: nothing is remembered but what the stores hold. */
export function importStores(
  relational: Relational,
  adapters: LogAdapters,
): ImportStores & { closeLogs(): Promise<void> } {
  const common = { clock: systemClock, logger: silentLogger, onAppended: () => undefined };
  const messages = createLog({ ...common, store: adapters.messages });
  const changes = createChangeLog({ ...common, ...adapters });
  return {
    ...relational,
    messages,
    changes,
    openScratch,
    closeLogs: async () => {
      await messages.close();
      await changes.close();
    },
  };
}
