/**
 * A connection to one cell: the driver with the consistency, the retries and the patience that the log needs. Reads
 * may be tried on the next node; a conditional batch is sent once and never again by the driver, since its second
 * sending could be refused because of its first.
 */
import { Client, type Host, policies, types } from 'cassandra-driver';
import type { Logger } from '../../chat/logger.ts';
import { within } from './deadline.ts';
import { makeContact } from './first-contact.ts';
import { type CassandraUrl, contactPoints } from './url.ts';
import type { Row } from './values.ts';

const { localQuorum, localSerial, localOne } = types.consistencies;

export interface Statement {
  readonly query: string;
  readonly params: readonly unknown[];
}

const CONNECTIONS_PER_HOST = 2;
const CLOSE_MS = 5_000;
const SCHEMA_AGREEMENT_SECONDS = 30;

const sendOnce = new policies.retry.FallthroughRetryPolicy();

export class Session {
  readonly client: Client;
  readonly #dc: string;
  readonly #logger: Logger;
  #closing: Promise<void> | null = null;

  constructor(url: CassandraUrl, deadlineMs: number, logger: Logger) {
    this.#dc = url.dc;
    this.#logger = logger;
    this.client = new Client({
      contactPoints: contactPoints(url),
      localDataCenter: url.dc,
      protocolOptions: { port: url.port, maxSchemaAgreementWaitSeconds: SCHEMA_AGREEMENT_SECONDS },
      ...(url.credentials && { credentials: url.credentials }),
      encoding: { useBigIntAsLong: true },
      pooling: {
        coreConnectionsPerHost: { [types.distance.local]: CONNECTIONS_PER_HOST },
        heartBeatInterval: 10_000,
      },
      socketOptions: { connectTimeout: Math.min(deadlineMs, 3_000), readTimeout: deadlineMs },
      // The driver's own default waits up to ten minutes for a node that is back after one.
      policies: { reconnection: new policies.reconnection.ExponentialReconnectionPolicy(100, 1_500, false) },
      queryOptions: { prepare: true, consistency: localQuorum, serialConsistency: localSerial },
    });
    this.client.on('hostDown', (host) => logger.warn({ host: host.address }, 'Cassandra node is down'));
    this.client.on('hostUp', (host) => logger.info({ host: host.address }, 'Cassandra node is up'));
  }

  /** Rejects as the driver does. Closed before it is there, it is closed again once it is. */
  async connect(): Promise<void> {
    await makeContact(this.client);
    // The driver takes no notice of an end before that.
    if (this.isClosed) await this.client.shutdown();
  }

  get isClosed(): boolean {
    return this.#closing !== null;
  }

  async read(query: string, params: readonly unknown[]): Promise<readonly Row[]> {
    return (await this.client.execute(query, [...params], { isIdempotent: true })).rows;
  }

  /** Settles what is under way in the partition first, then answers with all that was agreed before. */
  async readSerial(query: string, params: readonly unknown[]): Promise<readonly Row[]> {
    const options = { isIdempotent: true, consistency: localSerial };
    return (await this.client.execute(query, [...params], options)).rows;
  }

  /** For what can be repeated at will. */
  async write(query: string, params: readonly unknown[]): Promise<void> {
    await this.client.execute(query, [...params], { isIdempotent: true });
  }

  /** Statements of one partition, together; for what can be repeated at will. */
  async writeAll(statements: readonly Statement[]): Promise<void> {
    const queries = statements.map(({ query, params }) => ({ query, params: [...params] }));
    if (queries.length > 0) await this.client.batch(queries, { logged: false, isIdempotent: true });
  }

  /** One conditional batch within one partition, sent at most once. */
  conditional(statements: readonly Statement[]): Promise<types.ResultSet> {
    const queries = statements.map(({ query, params }) => ({ query, params: [...params] }));
    return this.client.batch(queries, { logged: false, isIdempotent: false, retry: sendOnce });
  }

  /** What one node says of itself, from its own tables; of any node when none is named. */
  async ask(query: string, params: readonly string[] = [], host?: Host): Promise<readonly Row[]> {
    const options = { prepare: false, isIdempotent: true, consistency: localOne, ...(host && { host }) };
    return (await this.client.execute(query, [...params], options)).rows;
  }

  /** Nodes of the home datacenter that are up, as the driver sees them, by address. */
  get nodes(): readonly Host[] {
    return this.client.hosts
      .values()
      .filter((host) => host.isUp() && host.datacenter === this.#dc)
      .sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  /** Calls for each node that comes back or joins, until the session is closed. */
  onNodeUp(listener: (host: Host) => void): void {
    this.client.on('hostUp', listener);
  }

  /** Ends every connection; what is under way fails. Safe to call again. */
  close(): Promise<void> {
    this.#closing ??= within(CLOSE_MS, this.client.shutdown()).catch((error: unknown) => {
      // Nobody is left who could do anything about it.
      this.#logger.warn({ err: error }, 'Cassandra connections did not close in order');
    });
    return this.#closing;
  }
}
