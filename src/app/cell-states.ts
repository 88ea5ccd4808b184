/** Whether cells answer, for a command that looks at them once. */
import { silentLogger } from '../chat/logger.ts';
import type { Config } from '../config/config.ts';
import { CellRefused } from '../stores/cassandra/errors.ts';
import { CassandraUrlError } from '../stores/cassandra/url.ts';
import { cellsOf, openCell } from './cells.ts';

export interface CellState {
  readonly state: 'ready' | 'unreachable' | 'not set' | 'refused';
  /** In words for the operator; null when it is ready. */
  readonly problem: string | null;
}

/** One try each, all at once. */
export async function statesOfCells(
  config: Config,
  names: Iterable<string>,
): Promise<ReadonlyMap<string, CellState>> {
  const configured = new Map(cellsOf(config).map((cell) => [cell.name, cell]));
  const states = await Promise.all(
    [...names].map(async (name): Promise<[string, CellState]> => {
      const cell = configured.get(name);
      if (cell === undefined) {
        return [name, { state: 'not set', problem: `no address is set: set CELL_${name.toUpperCase()}` }];
      }
      // The embedded one is a file of this folder: nothing that could be away.
      if (cell.cassandra === null) return [name, { state: 'ready', problem: null }];
      try {
        const logs = await openCell(config, cell, { logger: silentLogger, waitMs: 0, epoch: () => 1 });
        await logs.close();
        return [name, { state: 'ready', problem: null }];
      } catch (error) {
        const isRefused = error instanceof CellRefused || error instanceof CassandraUrlError;
        if (!isRefused) throw error;
        const isAway = error instanceof CellRefused && error.fault === 'UNREACHABLE';
        return [name, { state: isAway ? 'unreachable' : 'refused', problem: error.message }];
      }
    }),
  );
  return new Map(states);
}
