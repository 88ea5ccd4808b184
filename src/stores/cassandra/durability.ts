/**
 * Whether this Cassandra keeps what it acknowledges. With `commitlog_sync: periodic`, its default, it answers before
 * the commit log is on disk: a node that is killed forgets acknowledged messages, and its promises in the agreement
 * on numbers, so that numbers can be given twice. Each node is asked for its own settings.
 */
import type { Host } from 'cassandra-driver';
import type { Logger } from '../../chat/logger.ts';
import { CellRefused } from './errors.ts';
import { inParallel } from './in-parallel.ts';
import type { Session } from './session.ts';
import { textOrNull } from './values.ts';

const AT_ONCE = 16;

export interface NodeSettings {
  readonly node: string;
  /** Null when the node does not tell. */
  readonly commitlogSync: string | null;
  readonly paxosVariant: string | null;
}

/** The settings of every node of the home datacenter that is up. */
export function settingsOfNodes(session: Session): Promise<readonly NodeSettings[]> {
  return inParallel(session.nodes, AT_ONCE, (host) => settingsOf(session, host));
}

async function settingsOf(session: Pick<Session, 'ask'>, host: Host): Promise<NodeSettings> {
  const rows = await session.ask(
    `SELECT name, value FROM system_views.settings WHERE name IN ('commitlog_sync', 'paxos_variant')`,
    [],
    host,
  );
  const settings = new Map(rows.map((row) => [textOrNull(row.name), textOrNull(row.value)]));
  return {
    node: host.address,
    commitlogSync: settings.get('commitlog_sync') ?? null,
    paxosVariant: settings.get('paxos_variant') ?? null,
  };
}

/**
 * Looks at each node that comes up later, too: one that joins with Cassandra's default settings may lose what the
 * others keep. Too late to refuse, so it is said as an error. Ends with the session.
 */
export function watchDurability(
  session: Pick<Session, 'ask' | 'onNodeUp'>,
  options: { allowPeriodicCommitlog: boolean; logger: Logger },
): void {
  session.onNodeUp((host) => {
    settingsOf(session, host).then(
      (settings) => {
        try {
          judgeDurability([settings], options);
        } catch (error) {
          options.logger.error(
            { err: error, node: host.address },
            'A Cassandra node came up that may lose messages',
          );
        }
      },
      // It may be gone again, or not answer yet; the next one to start is told at its start.
      (error: unknown) =>
        options.logger.warn(
          { err: error, node: host.address },
          'A Cassandra node came up and did not tell its settings',
        ),
    );
  });
}

/** Throws CellRefused for a node that may lose what it acknowledged, unless that is allowed; warns of the rest. */
export function judgeDurability(
  nodes: readonly NodeSettings[],
  { allowPeriodicCommitlog, logger }: { allowPeriodicCommitlog: boolean; logger: Logger },
): void {
  const named = (of: readonly NodeSettings[]) => of.map(({ node }) => node).join(', ');

  const periodic = nodes.filter(({ commitlogSync }) => commitlogSync === 'periodic');
  if (periodic.length > 0 && !allowPeriodicCommitlog) {
    throw new CellRefused(
      'PERIODIC_COMMITLOG',
      `Cassandra (${named(periodic)}) runs with commitlog_sync: periodic: it acknowledges a message before it is on disk, ` +
        'and loses it when the node is killed. Set commitlog_sync: batch (or group) in cassandra.yaml of every node and ' +
        'restart it, or set ALLOW_PERIODIC_COMMITLOG=1 to run all the same.',
    );
  }
  if (periodic.length > 0) {
    logger.warn(
      { nodes: named(periodic) },
      'Cassandra runs with commitlog_sync: periodic. "Sent means saved" does not hold: a killed node loses acknowledged messages and may give numbers twice',
    );
  }
  const silent = nodes.filter(({ commitlogSync }) => commitlogSync === null);
  if (silent.length > 0) {
    logger.warn(
      { nodes: named(silent) },
      'Cassandra does not tell its commitlog_sync (system_views.settings): make sure that it is batch or group',
    );
  }
  const other = nodes.filter(({ paxosVariant }) => paxosVariant !== 'v2');
  if (other.length > 0) {
    logger.warn(
      { nodes: named(other), paxosVariant: other[0]?.paxosVariant },
      'Cassandra does not run with paxos_variant: v2: sends take more rounds, and contended channels suffer',
    );
  }
}
