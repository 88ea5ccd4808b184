/**
 * The cells of an installation, opened side by side and put behind one set of ports. What is wrong with one for good
 * (its schema, its datacenter, its password) is refused at the start; one that merely does not answer is waited for a
 * little, and then left behind: the organizations of the others work without it, and its own once it is there.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { OrganizationStore } from '../chat/people/port.ts';
import type { Config } from '../config/config.ts';
import type { CassandraConfig } from '../config/settings.ts';
import { Cell, type CellLogs } from '../stores/cells/cell.ts';
import { CellDirectory } from '../stores/cells/directory.ts';
import { CellsLogStore } from '../stores/cells/log-store.ts';
import { cellsProjectionStore } from '../stores/cells/projection-store.ts';
import { Routes } from '../stores/cells/routes.ts';
import { openSqliteLogs } from '../stores/sqlite/open.ts';
import { CannotStart } from './cannot-start.ts';
import type { StoreOptions } from './stores.ts';

/** The cell of every organization that was given no other. */
export const DEFAULT_CELL = 'default';
const BUCKET_SIZE = 4_096;
/** So long the others are waited for once one cell is open. */
const GRACE_MS = 5_000;

/** A configured cell; `cassandra` is null where it is the embedded SQLite. */
export interface NamedCell {
  readonly name: string;
  readonly cassandra: CassandraConfig | null;
}

/** `default` first, then the others by name. */
export const cellsOf = ({ stores }: Config): readonly NamedCell[] => [
  { name: DEFAULT_CELL, cassandra: stores.cassandra },
  ...stores.cells.map(({ name, ...cassandra }) => ({ name, cassandra })),
];

/** The logs of all cells as if they were one store. */
export interface LogStores extends CellLogs {
  readonly cells: readonly Pick<Cell, 'name' | 'problem' | 'ping'>[];
  /** Names of those that do not answer now, and of those that organizations are in and the settings lack. */
  away(): readonly string[];
  /** The same organizations; in which cell each is, is known from then on. */
  noting(organizations: OrganizationStore): OrganizationStore;
}

export interface CellsOptions extends StoreOptions {
  readonly organizations: Pick<OrganizationStore, 'byIds'>;
  /** Epoch of a cell: what is projected now outranks what was before a restore. */
  readonly epochOf: (cell: string) => number;
  /** All that organizations may be in; those of the settings unless given. */
  readonly known?: () => readonly string[];
  /** How long the others are waited for once one cell is open; 5 s unless given. */
  readonly graceMs?: number;
  /** Looks at how each call to a cell goes. */
  readonly measure?: (cell: string, logs: CellLogs) => CellLogs;
}

/** Opens one cell by itself. The caller holds the data folder, and closes what it is given. */
export async function openCell(
  config: Config,
  { name, cassandra }: NamedCell,
  options: StoreOptions & { readonly epoch: () => number; readonly signal?: AbortSignal },
): Promise<CellLogs> {
  const { logger, bucketSize = BUCKET_SIZE, epoch, onWaiting, waitMs, signal } = options;
  // The folder is held for as long as they are open.
  if (cassandra === null) {
    return openSqliteLogs({ dataDir: config.stores.dataDir, isAlone: true, bucketSize });
  }
  // Its driver takes megabytes and a good part of the start: not of those who keep all themselves.
  const { openCassandraLogs } = await import('../stores/cassandra/open.ts');
  return openCassandraLogs({
    ...cassandra,
    name,
    bucketSize,
    logger,
    epoch,
    ...(onWaiting === undefined ? {} : { onWaiting }),
    ...(waitMs === undefined ? {} : { waitMs }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** Throws why the server cannot start, with everything closed again. */
export async function openCells(config: Config, options: CellsOptions): Promise<LogStores> {
  const { organizations, epochOf, graceMs = GRACE_MS, bucketSize = BUCKET_SIZE, logger, ...rest } = options;
  const { measure = (_, logs) => logs } = options;
  const configured = cellsOf(config);
  const cells = configured.map(
    (cell) =>
      new Cell({
        name: cell.name,
        open: async (signal, says) => {
          const epoch = () => epochOf(cell.name);
          const onWaiting = (message: string): void => {
            says(message);
            rest.onWaiting?.(message);
          };
          const given = { ...rest, logger, bucketSize, epoch, onWaiting, signal };
          const opened = await openCell(config, cell, given);
          return measure(cell.name, opened);
        },
        isAlone: configured.length === 1,
        logger,
      }),
  );
  const close = async (): Promise<void> => {
    await Promise.all(cells.map((cell) => cell.close()));
  };
  try {
    await enoughOpen(cells, graceMs);
  } catch (error) {
    await close();
    throw error;
  }
  for (const cell of cells) {
    const { name, problem } = cell;
    if (problem === null) continue;
    logger.warn(
      { cell: name, problem },
      'The cell cannot be reached: its organizations get UNAVAILABLE until it can.',
    );
    cell.keepTrying();
  }
  const directory = new CellDirectory(async (ids) => {
    const found = await organizations.byIds(ids);
    return new Map(found.map(({ id, cell }) => [id, cell]));
  });
  const routes = new Routes(directory, cells);
  return {
    messages: new CellsLogStore(routes, bucketSize, (logs) => logs.messages),
    changes: new CellsLogStore(routes, bucketSize, (logs) => logs.changes),
    projections: cellsProjectionStore(routes),
    cells,
    away: () => {
      const there = new Set(cells.filter(({ problem }) => problem === null).map(({ name }) => name));
      const all = new Set([...cells.map(({ name }) => name), ...(options.known?.() ?? [])]);
      return [...all.difference(there)];
    },
    noting: (store) => notingCells(store, directory),
    // Of use while any cell is.
    ping: () => Promise.any(cells.map((cell) => cell.ping())).catch((error: unknown) => throwFirst(error)),
    close,
  };
}

/** Returns once all are open, or the time that the first one gives the others is over. Throws for what lasts. */
async function enoughOpen(cells: readonly Cell[], graceMs: number): Promise<void> {
  const end = new AbortController();
  const outcomes = cells.map(({ name, opened }) =>
    opened.then(
      () => 'OPEN' as const,
      (error: unknown) => {
        if (!isUnreachable(error)) throw cells.length === 1 ? error : ofCell(name, error);
        return { error };
      },
    ),
  );
  const all = Promise.all(outcomes);
  try {
    const grace = Promise.any(cells.map(({ opened }) => opened)).then(
      () => sleep(graceMs, undefined, { signal: end.signal }).catch(() => undefined),
      // None will be open: all have settled, or are about to.
      () => all,
    );
    await Promise.race([all, grace]);
    if (cells.every(({ problem }) => problem !== null)) {
      const [first] = await all;
      throw typeof first === 'object' ? first.error : new CannotStart('No cell can be reached.');
    }
  } finally {
    end.abort();
  }
}

/** Which of several it is: what is wrong with an address does not repeat it. */
const ofCell = (name: string, error: unknown): CannotStart =>
  new CannotStart(`Cell ${name}: ${error instanceof Error ? error.message : String(error)}`, {
    cause: error,
  });

/** Whether waiting longer might help; its adapter says so. */
const isUnreachable = (error: unknown): boolean =>
  error instanceof Error && 'fault' in error && error.fault === 'UNREACHABLE';

function throwFirst(error: unknown): never {
  throw error instanceof AggregateError ? error.errors[0] : error;
}

/** Whoever looks an organization up knows its cell. */
function notingCells(store: OrganizationStore, directory: CellDirectory): OrganizationStore {
  const noted = <T extends { readonly id: string; readonly cell: string } | null>(found: T): T => {
    if (found !== null) directory.note(found.id, found.cell);
    return found;
  };
  return {
    ...store,
    bySlug: async (slug) => noted(await store.bySlug(slug)),
    create: async (input) => noted(await store.create(input)),
    byIds: async (ids) => (await store.byIds(ids)).map(noted),
  };
}
