/**
 * Notices that a cell was restored from a backup: its epoch in Postgres is higher than before. Each replica asks every
 * few seconds, and whoever learns of a higher one in another way says so. Until it is noticed, numbers of the new
 * numbering may go by the old epoch; cursors of those are refused later, which costs the client a fresh start and no
 * message.
 */
import type { Logger } from '../logger.ts';
import type { Tenant } from '../viewer.ts';
import type { CellStore } from './port.ts';

const EVERY_MS = 2_000;
/** The numbering of a cell that was never restored, and of one whose row was not seen yet. */
const FIRST = 1;

/** What is known of epochs. */
export interface Epochs {
  /** The epoch of the tenant's cell: the highest that this replica has heard of. */
  of(tenant: Pick<Tenant, 'cell' | 'epoch'>): number;
  /** Called once for each raise, in the order of subscribing. Returns what ends the listening. */
  onRaised(listener: (cell: string, epoch: number) => void): () => void;
}

export interface EpochWatch extends Epochs {
  /** Of this cell, as heard last. */
  current(cell: string): number;
  /** Names of all cells that organizations may be in, as heard last. */
  cells(): readonly string[];
  /** Asks now. Never throws: what is known stays known while the database does not answer. */
  look(): Promise<void>;
  close(): Promise<void>;
}

/** Starts asking; throws what the database throws when not even the first answer comes. Whoever made it must close it. */
export async function startEpochWatch(options: {
  readonly cells: Pick<CellStore, 'epochs'>;
  readonly logger: Logger;
  readonly everyMs?: number;
}): Promise<EpochWatch> {
  const { cells, logger, everyMs = EVERY_MS } = options;
  const known = new Map(await cells.epochs());
  const listeners = new Set<(cell: string, epoch: number) => void>();
  let isClosed = false;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  const heard = (cell: string, epoch: number): void => {
    const before = known.get(cell);
    // A cell that is new to this replica was not restored under its hands.
    if (before === undefined || epoch <= before) {
      if (before === undefined) known.set(cell, epoch);
      return;
    }
    known.set(cell, epoch);
    logger.warn(
      { cell, epoch },
      'The cell was restored from a backup: what was known of its logs is forgotten.',
    );
    for (const listener of [...listeners]) {
      try {
        listener(cell, epoch);
      } catch (error) {
        // The others must hear of it all the same.
        logger.error({ err: error, cell, epoch }, 'forgetting what was known before a restore failed');
      }
    }
  };

  const ask = async (): Promise<void> => {
    try {
      for (const [cell, epoch] of await cells.epochs()) if (!isClosed) heard(cell, epoch);
    } catch (error) {
      logger.debug({ err: error }, 'epochs cannot be read; asking again later');
    }
  };
  const look = (): Promise<void> => {
    looking ??= ask().finally(() => {
      looking = null;
    });
    return looking;
  };
  const schedule = (): void => {
    if (isClosed) return;
    // Replicas drift apart.
    timer = setTimeout(() => void look().then(schedule), everyMs * (0.75 + Math.random() / 2));
    timer.unref();
  };
  schedule();

  return {
    of({ cell, epoch }) {
      heard(cell, epoch);
      return known.get(cell) ?? FIRST;
    },
    onRaised(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    current: (cell) => known.get(cell) ?? FIRST,
    cells: () => [...known.keys()],
    look,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      listeners.clear();
      await looking;
    },
  };
}
