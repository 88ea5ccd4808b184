/** What an import writes to, with the logs above the stores, so that it appends under the same rules as everybody. */
import { createChangeLog } from '../chat/changes/change-log.ts';
import { systemClock } from '../chat/clock.ts';
import { createLog } from '../chat/log/create-log.ts';
import type { OrganizationStore } from '../chat/people/port.ts';
import type { Config } from '../config/config.ts';
import type { ImportStores } from '../import/slack/run.ts';
import { openScratch } from '../stores/sqlite/scratch.ts';
import { openCells } from './cells.ts';
import { holdDataFolder, openPeople, type StoreOptions } from './stores.ts';

export interface OpenedImportStores extends ImportStores {
  readonly organizations: OrganizationStore;
  close(): Promise<void>;
}

export async function openImportStores(config: Config, options: StoreOptions): Promise<OpenedImportStores> {
  await using opening = new AsyncDisposableStack();
  opening.use(await holdDataFolder(config));
  const relational = await openPeople(config, options);
  opening.defer(() => relational.close());
  const epochs = await relational.cells.epochs();
  const logs = await openCells(config, {
    ...options,
    organizations: relational.organizations,
    epochOf: (cell) => epochs.get(cell) ?? 1,
  });
  opening.defer(() => logs.close());
  const common = {
    clock: systemClock,
    logger: options.logger,
    // Nobody is in a channel that is being imported: there is nobody to tell.
    onAppended: () => undefined,
  };
  const messages = createLog({ ...common, store: logs.messages });
  opening.defer(() => messages.close());
  const changes = createChangeLog({ ...common, ...logs });
  opening.defer(() => changes.close());
  const opened = opening.move();
  return { ...relational, messages, changes, openScratch, close: () => opened.disposeAsync() };
}
