/**
 * What a cell must forget after its tables were restored from a backup: the Paxos state, which knows of appends that
 * the backup does not have and would bring their last ones back, leaving a hole before them; and the tail hints,
 * which may be ahead. Both are rebuilt by use.
 */
import type { Logger } from '../../chat/logger.ts';
import { readCell, refuseOtherCell, refuseOtherDatacenter, refuseOtherSchema } from './cell.ts';
import { connect } from './connect.ts';
import { DEFAULT_DEADLINE_MS, DEFAULT_NAME, DEFAULT_WAIT_MS } from './defaults.ts';
import { CellRefused } from './errors.ts';
import type { Session } from './session.ts';
import { parseCassandraUrl } from './url.ts';

/** Cassandra waits a minute for its nodes (truncate_request_timeout). */
const TRUNCATE_MS = 70_000;

export interface ForgetOptions {
  readonly url: string;
  /** Name of the cell; `default` unless given. */
  readonly name?: string;
  readonly logger: Logger;
  /** The operator has emptied it by hand: then only the hints are forgotten. */
  readonly isPaxosCleared: boolean;
  /** How long to wait for a Cassandra that does not answer; 60 s unless given. */
  readonly waitMs?: number;
  readonly onWaiting?: (message: string) => void;
}

/** Safe to repeat; no append may be under way anywhere. Throws CassandraUrlError, CellRefused. */
export async function forgetAfterRestore(options: ForgetOptions): Promise<void> {
  const url = parseCassandraUrl(options.url);
  const patience = {
    logger: options.logger,
    deadlineMs: DEFAULT_DEADLINE_MS,
    waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
    onWaiting: options.onWaiting,
  };
  const { session } = await connect(url, patience, async (session) => {
    const cell = await readCell(session, url);
    refuseOtherSchema(cell, url.keyspace);
    refuseOtherDatacenter(cell.homeDatacenter ?? url.dc, url);
    await refuseOtherCell(session, url.keyspace, options.name ?? DEFAULT_NAME);
  });
  try {
    // Of all keyspaces of the cluster: Cassandra keeps it in one table on each node, and truncates that on every node.
    if (!options.isPaxosCleared) await truncate(session, 'system.paxos');
    await truncate(session, `${url.keyspace}.messages_tail`);
    await truncate(session, `${url.keyspace}.changes_tail`);
  } finally {
    await session.close();
  }
}

async function truncate(session: Session, table: string): Promise<void> {
  try {
    await session.client.execute(`TRUNCATE ${table}`, [], { prepare: false, readTimeout: TRUNCATE_MS });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CellRefused(
      'NOT_FORGOTTEN',
      `Cassandra did not empty ${table}: ${why}. Every node must be up, and the role needs MODIFY on it. docs/operating.md tells how to empty system.paxos by hand.`,
      error,
    );
  }
}
