/**
 * Makes a cell's keyspace, or brings it to this version. Each statement can be repeated without harm, and all go to
 * one node, the first by address of those that are up: so two migrations at once are put in a row there, and no
 * table is made twice under two ids.
 */
import type { Host } from 'cassandra-driver';
import type { Logger } from '../../chat/logger.ts';
import {
  fixHomeDatacenter,
  noteStep,
  readCell,
  refuseOtherCell,
  refuseOtherDatacenter,
  refuseOtherSchema,
  replicationOf,
} from './cell.ts';
import { connect } from './connect.ts';
import { DEFAULT_DEADLINE_MS, DEFAULT_NAME, DEFAULT_WAIT_MS } from './defaults.ts';
import { CellRefused } from './errors.ts';
import type { Session } from './session.ts';
import { SCHEMA_VERSION, schemaSteps, versionTable } from './tables.ts';
import { type CassandraUrl, parseCassandraUrl } from './url.ts';

export interface MigrateOptions {
  readonly url: string;
  /** Name of the cell; `default` unless given. Fixed by the first migration. */
  readonly name?: string;
  readonly logger: Logger;
  /** How long to wait for a Cassandra that does not answer; 60 s unless given. */
  readonly waitMs?: number;
  readonly onWaiting?: (message: string) => void;
}

/**
 * What was done, a line for each step; empty when there was nothing to do. Safe to repeat, and to run twice at once.
 * Throws CassandraUrlError, CellRefused.
 */
export async function migrateCassandra(options: MigrateOptions): Promise<readonly string[]> {
  const url = parseCassandraUrl(options.url);
  const { session, result } = await connect(
    url,
    {
      logger: options.logger,
      // Making a table takes its time on a busy node.
      deadlineMs: 4 * DEFAULT_DEADLINE_MS,
      waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
      onWaiting: options.onWaiting,
    },
    async (session) => await migrate(session, url, options),
  );
  await session.close();
  return result;
}

async function migrate(
  session: Session,
  url: CassandraUrl,
  { logger, name = DEFAULT_NAME }: MigrateOptions,
): Promise<readonly string[]> {
  const done: string[] = [];
  const [node] = session.nodes;
  if (node === undefined) throw new Error('no node of the home datacenter is up');

  const replication = await replicationOf(session, url.keyspace);
  if (replication === null) {
    refuseTooFewNodes(session, url, logger);
    await change(
      session,
      node,
      `CREATE KEYSPACE IF NOT EXISTS ${url.keyspace} WITH replication =
         {'class': 'NetworkTopologyStrategy', '${url.dc}': ${url.rf}} AND durable_writes = true`,
    );
    done.push(`keyspace ${url.keyspace}: ${url.rf} cop${url.rf === 1 ? 'y' : 'ies'} in ${url.dc}`);
  } else if (!replication.has(url.dc)) {
    refuseOtherDatacenter([...replication.keys()].join(', '), url);
  }

  await change(session, node, versionTable(url.keyspace));
  refuseOtherDatacenter(await fixHomeDatacenter(session, url), url);
  const cell = await readCell(session, url);
  const version = cell?.version ?? 0;
  if (version > SCHEMA_VERSION) refuseOtherSchema(cell, url.keyspace);

  for (const step of schemaSteps.filter((step) => step.version > version)) {
    for (const statement of step.statements(url.keyspace)) await change(session, node, statement);
    await noteStep(session, url.keyspace, step.version);
    done.push(`schema step ${step.version}: ${step.what}`);
  }
  await refuseOtherCell(session, url.keyspace, name);
  return done;
}

/** One change of the schema; returns when every node knows it. */
async function change(session: Session, host: Host, statement: string): Promise<void> {
  const result = await session.client.execute(statement, [], { prepare: false, host });
  // The driver says so at run time; its types do not.
  if ('isSchemaInAgreement' in result.info && result.info.isSchemaInAgreement === false) {
    throw new CellRefused(
      'SCHEMA_DISAGREEMENT',
      'The nodes of Cassandra do not agree on the schema. Look at `nodetool describecluster`, then migrate again.',
    );
  }
}

function refuseTooFewNodes(session: Session, { dc, rf }: CassandraUrl, logger: Logger): void {
  const nodes = session.client.hosts.values().filter((host) => host.datacenter === dc).length;
  const quorum = Math.floor(rf / 2) + 1;
  if (nodes < quorum) {
    throw new CellRefused(
      'TOO_FEW_NODES',
      `${rf} copies need ${quorum} nodes to agree; datacenter "${dc}" has ${nodes}. Give rf=${nodes} for a trial, or add nodes.`,
    );
  }
  if (nodes < rf) logger.warn({ nodes, rf }, 'Cassandra has fewer nodes than the copies asked for');
}
