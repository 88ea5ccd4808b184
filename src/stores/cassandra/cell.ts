/** What a cell's keyspace says of itself: where it lives, which schema it has, what was decided once. */
import { errors, types } from 'cassandra-driver';
import { CellRefused } from './errors.ts';
import type { Session } from './session.ts';
import { SCHEMA_VERSION } from './tables.ts';
import type { CassandraUrl } from './url.ts';
import { numberOrNull, type Row, textOrNull } from './values.ts';

/** The one partition of `schema_version`. */
const CELL = 'this';

export interface Cell {
  /** Newest step applied; 0 before the first. */
  readonly version: number;
  readonly homeDatacenter: string | null;
  readonly bucketSize: number | null;
}

/** Copies per datacenter; null when there is no such keyspace. */
export async function replicationOf(
  session: Session,
  keyspace: string,
): Promise<ReadonlyMap<string, string> | null> {
  const [row] = await session.ask('SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?', [
    keyspace,
  ]);
  const replication: unknown = row?.replication;
  if (typeof replication !== 'object' || replication === null) return null;
  return new Map(Object.entries(replication).filter(([name]) => name !== 'class'));
}

/** A cell agrees within one datacenter only, so that another one would be a second truth. */
export function refuseOtherDatacenter(home: string, { dc, keyspace }: CassandraUrl): void {
  if (home === dc) return;
  throw new CellRefused(
    'OTHER_DATACENTER',
    `The home datacenter of keyspace "${keyspace}" is "${home}", fixed when it was made; the address says dc=${dc}`,
  );
}

/** Reads the version table; null when there is none. */
export async function readCell(session: Session, { keyspace }: CassandraUrl): Promise<Cell | null> {
  let rows: readonly Row[];
  try {
    rows = await session.read(
      `SELECT version, home_datacenter, bucket_size FROM ${keyspace}.schema_version WHERE cell = ?`,
      [CELL],
    );
  } catch (error) {
    if (error instanceof errors.ResponseError && error.code === types.responseErrorCodes.invalid) return null;
    throw error;
  }
  return {
    version: Math.max(0, ...rows.map((row) => numberOrNull(row.version) ?? 0)),
    homeDatacenter: textOrNull(rows[0]?.home_datacenter),
    bucketSize: numberOrNull(rows[0]?.bucket_size),
  };
}

/** Fixes the home datacenter if nobody has yet, and gives what is fixed. */
export async function fixHomeDatacenter(session: Session, { keyspace, dc }: CassandraUrl): Promise<string> {
  const result = await session.conditional([
    {
      query: `UPDATE ${keyspace}.schema_version SET home_datacenter = ? WHERE cell = ? IF home_datacenter = null`,
      params: [dc, CELL],
    },
  ]);
  return result.wasApplied() ? dc : (textOrNull(result.first()?.home_datacenter) ?? dc);
}

/** Fixes the size of a bucket if nobody has yet, and gives what is fixed. */
export async function fixBucketSize(session: Session, keyspace: string, bucketSize: number): Promise<number> {
  const result = await session.conditional([
    {
      query: `UPDATE ${keyspace}.schema_version SET bucket_size = ? WHERE cell = ? IF bucket_size = null`,
      params: [bucketSize, CELL],
    },
  ]);
  return result.wasApplied() ? bucketSize : (numberOrNull(result.first()?.bucket_size) ?? bucketSize);
}

/**
 * Refuses the keyspace of another cell: two addresses that were exchanged would show every organization an empty log,
 * and begin it anew. Of a schema that has its column.
 */
export async function refuseOtherCell(session: Session, keyspace: string, name: string): Promise<void> {
  const [row] = await session.read(`SELECT name FROM ${keyspace}.schema_version WHERE cell = ? LIMIT 1`, [
    CELL,
  ]);
  const fixed = textOrNull(row?.name) ?? (await fixName(session, keyspace, name));
  if (fixed === name) return;
  throw new CellRefused(
    'OTHER_CELL',
    `Keyspace "${keyspace}" is that of cell "${fixed}", fixed when it was made; the settings name it as "${name}".`,
  );
}

async function fixName(session: Session, keyspace: string, name: string): Promise<string> {
  const result = await session.conditional([
    {
      query: `UPDATE ${keyspace}.schema_version SET name = ? WHERE cell = ? IF name = null`,
      params: [name, CELL],
    },
  ]);
  return result.wasApplied() ? name : (textOrNull(result.first()?.name) ?? name);
}

export const noteStep = (session: Session, keyspace: string, version: number): Promise<void> =>
  session.write(`INSERT INTO ${keyspace}.schema_version (cell, version, applied_at) VALUES (?, ?, ?)`, [
    CELL,
    version,
    new Date(),
  ]);

/** Refuses a keyspace that this version cannot work with, and says what to do. */
export function refuseOtherSchema(cell: Cell | null, keyspace: string): asserts cell is Cell {
  const doThis = 'Run `npm run cli -- migrate` with the same settings, once, before starting';
  if (cell === null || cell.version === 0) {
    throw new CellRefused(
      'SCHEMA_MISSING',
      `Cassandra has no schema in keyspace "${keyspace}" yet. ${doThis}.`,
    );
  }
  if (cell.version < SCHEMA_VERSION) {
    throw new CellRefused(
      'SCHEMA_OLDER',
      `The schema in Cassandra's keyspace "${keyspace}" is at step ${cell.version}, this version needs ${SCHEMA_VERSION}. ${doThis}.`,
    );
  }
  if (cell.version > SCHEMA_VERSION) {
    throw new CellRefused(
      'SCHEMA_NEWER',
      `The schema in Cassandra's keyspace "${keyspace}" is at step ${cell.version}; this version of Backscroll knows ${SCHEMA_VERSION} only. Run the version that migrated it.`,
    );
  }
}
