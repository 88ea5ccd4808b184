/** After a cell's message store was restored from a backup: everything that must know of it. */
import { createChangeLog } from '../chat/changes/change-log.ts';
import { systemClock } from '../chat/clock.ts';
import { type Mended, mendAfterRestore } from '../chat/epoch/mend.ts';
import { createLog } from '../chat/log/create-log.ts';
import { isSameCluster } from '../config/cells.ts';
import type { Config } from '../config/config.ts';
import { forgetAfterRestore } from '../stores/cassandra/restore.ts';
import { CannotStart } from './cannot-start.ts';
import { cellsOf, type NamedCell, openCell } from './cells.ts';
import { holdDataFolder, openPeople, type StoreOptions } from './stores.ts';

export interface RestoreRequest {
  readonly cell: string;
  /** The operator has emptied the Paxos state by hand. */
  readonly isPaxosCleared: boolean;
  /**
   * Asked once everything is known to be in place; false: nothing is changed.
   * @param neighbours other cells on the same cluster, whose Paxos state is emptied with this one's.
   */
  confirm(neighbours: readonly string[]): Promise<boolean>;
  /** What is being done, in words. */
  onProgress(what: string): void;
}

export interface Restored extends Mended {
  readonly epoch: number;
}

/**
 * Null when it was not confirmed. Safe to repeat. The epoch is raised last: that is what replicas notice, and what
 * was cut short before is done again. Throws FolderInUse while a server holds embedded stores.
 */
export async function restoreCell(
  config: Config,
  options: StoreOptions,
  request: RestoreRequest,
): Promise<Restored | null> {
  await using opened = new AsyncDisposableStack();
  opened.use(await holdDataFolder(config));
  const relational = await openPeople(config, options);
  opened.defer(() => relational.close());
  const { cell, onProgress } = request;
  const before = (await relational.cells.epochs()).get(cell);
  if (before === undefined) throw new CannotStart(`There is no cell ${JSON.stringify(cell)}.`);
  const configured = cellsOf(config).find(({ name }) => name === cell);
  if (configured === undefined) {
    throw new CannotStart(
      `No address is set for cell ${JSON.stringify(cell)}: set CELL_${cell.toUpperCase()}.`,
    );
  }
  const neighbours = request.isPaxosCleared ? [] : neighboursOf(config, configured);
  if (!(await request.confirm(neighbours))) return null;

  const { cassandra } = configured;
  const { logger } = options;
  if (cassandra !== null) {
    onProgress('Emptying the Paxos state and the tail hints …');
    await forgetAfterRestore({
      ...options,
      url: cassandra.url,
      name: cell,
      isPaxosCleared: request.isPaxosCleared,
    });
  }
  // What is projected here must outrank what the tables hold of the time after the backup.
  const logs = await openCell(config, configured, { ...options, epoch: () => before + 1 });
  opened.defer(() => logs.close());
  const common = { clock: systemClock, logger, onAppended: () => undefined };
  const messages = createLog({ ...common, store: logs.messages });
  opened.defer(() => messages.close());
  const changes = createChangeLog({ ...common, ...logs });
  opened.defer(() => changes.close());
  const { projections } = logs;
  const { cells } = relational;
  const mended = await mendAfterRestore({ cells, messages, changes, projections }, cell, (done) =>
    onProgress(`Mending: ${done} channels …`),
  );
  const epoch = await cells.raiseEpoch(cell);
  if (epoch === null) throw new CannotStart(`There is no cell ${JSON.stringify(cell)} any more.`);
  return { ...mended, epoch };
}

/** Paxos state is one table for all keyspaces of a cluster. */
const neighboursOf = (config: Config, { name, cassandra }: NamedCell): readonly string[] =>
  cellsOf(config)
    .filter(
      (other) =>
        other.name !== name &&
        cassandra !== null &&
        other.cassandra !== null &&
        isSameCluster(cassandra.url, other.cassandra.url),
    )
    .map((other) => other.name);
