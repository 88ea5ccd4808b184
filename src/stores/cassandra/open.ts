/** Opens a cell: both logs of every channel, on one connection, once the cell is known to be fit for them. */
import type { ProjectionStore } from '../../chat/changes/port.ts';
import type { ChangeEntry, MessageEntry } from '../../chat/log/entries.ts';
import type { LogStore } from '../../chat/log/port.ts';
import type { Logger } from '../../chat/logger.ts';
import { changeCodec, messageCodec } from '../entry-codec.ts';
import {
  fixBucketSize,
  readCell,
  refuseOtherCell,
  refuseOtherDatacenter,
  refuseOtherSchema,
  replicationOf,
} from './cell.ts';
import { connect } from './connect.ts';
import { within } from './deadline.ts';
import { DEFAULT_BUCKET_SIZE, DEFAULT_DEADLINE_MS, DEFAULT_NAME, DEFAULT_WAIT_MS } from './defaults.ts';
import { judgeDurability, settingsOfNodes, watchDurability } from './durability.ts';
import { CellRefused } from './errors.ts';
import { CassandraLogStore } from './log-store.ts';
import { messageProjection, nothingLater } from './projected-columns.ts';
import { CassandraProjectionStore } from './projection-store.ts';
import type { Session } from './session.ts';
import { type CassandraUrl, parseCassandraUrl } from './url.ts';

export interface CassandraOptions {
  readonly url: string;
  /** Name of the cell; `default` unless given. */
  readonly name?: string;
  /** Runs on a Cassandra that may lose what it acknowledged, with a warning. */
  readonly allowPeriodicCommitlog: boolean;
  readonly logger: Logger;
  /** 4,096 unless given; fixed for a keyspace by whoever opens it first. */
  readonly bucketSize?: number;
  /** Of the cell's numbering, asked at each projection: what an earlier one projected never wins. 1 unless given. */
  readonly epoch?: () => number;
  /** Patience with each request; 5 s unless given. */
  readonly deadlineMs?: number;
  /** How long to wait for a Cassandra that does not answer; 60 s unless given. */
  readonly waitMs?: number;
  /** Told once, in words for the operator, when waiting begins. */
  readonly onWaiting?: (message: string) => void;
  /** Ends the waiting for a Cassandra that does not answer. */
  readonly signal?: AbortSignal;
}

export interface CassandraLogs {
  readonly messages: LogStore<MessageEntry>;
  readonly changes: LogStore<ChangeEntry>;
  readonly projections: ProjectionStore;
  /** Succeeds when a quorum answers. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Throws CassandraUrlError (every fault of the address) or CellRefused (what stands in the way, and what to do). */
export async function openCassandraLogs(options: CassandraOptions): Promise<CassandraLogs> {
  const url = parseCassandraUrl(options.url);
  const deadlineMs = options.deadlineMs ?? DEFAULT_DEADLINE_MS;
  const bucketSize = options.bucketSize ?? DEFAULT_BUCKET_SIZE;
  const patience = {
    logger: options.logger,
    deadlineMs,
    waitMs: options.waitMs ?? DEFAULT_WAIT_MS,
    onWaiting: options.onWaiting,
    signal: options.signal,
  };
  const { session } = await connect(url, patience, async (session) => {
    await refuseUnfit(session, url, bucketSize, options.name ?? DEFAULT_NAME);
    judgeDurability(await settingsOfNodes(session), options);
  });

  watchDurability(session, options);

  const shared = { keyspace: url.keyspace, bucketSize, deadlineMs };
  return {
    messages: new CassandraLogStore(session, 'messages', messageCodec, messageProjection, shared),
    changes: new CassandraLogStore(session, 'changes', changeCodec, nothingLater(), shared),
    projections: new CassandraProjectionStore(session, { ...shared, epoch: options.epoch ?? (() => 1) }),
    ping: async () => {
      await within(deadlineMs, readCell(session, url));
    },
    close: () => session.close(),
  };
}

/** Refuses a keyspace of another datacenter, schema, cell or bucket size. */
async function refuseUnfit(
  session: Session,
  url: CassandraUrl,
  bucketSize: number,
  name: string,
): Promise<void> {
  const replication = await replicationOf(session, url.keyspace);
  if (replication === null) refuseOtherSchema(null, url.keyspace);
  else if (!replication.has(url.dc)) refuseOtherDatacenter([...replication.keys()].join(', '), url);

  const cell = await readCell(session, url);
  refuseOtherSchema(cell, url.keyspace);
  refuseOtherDatacenter(cell.homeDatacenter ?? url.dc, url);
  await refuseOtherCell(session, url.keyspace, name);

  const fixed = cell.bucketSize ?? (await fixBucketSize(session, url.keyspace, bucketSize));
  if (fixed !== bucketSize) {
    throw new CellRefused(
      'OTHER_BUCKET_SIZE',
      `Keyspace "${url.keyspace}" has ${fixed} numbers in a bucket, not ${bucketSize}: this never changes.`,
    );
  }
}
