/**
 * Postgres by node-postgres. A pool that survives what a server does: restarts, failovers, silence. Each wait has a
 * deadline, on the server for what it can cancel, and a little later here for what it cannot.
 */
import {
  type Dialect,
  type PostgresCursor,
  PostgresDialect,
  type PostgresPoolClient,
  type PostgresQueryResult,
} from 'kysely';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import type { Logger } from '../../chat/logger.ts';
import { ConnectionFailed, sqlState } from './sql-errors.ts';

export interface PostgresOptions {
  readonly url: string;
  readonly logger: Logger;
  /** For connecting and waiting for a free connection. */
  readonly connectMs?: number;
  /** For one statement; 0: none (migrations). */
  readonly statementMs?: number;
  readonly poolSize?: number;
}

/** Severities after which the server has closed the connection. */
const FATAL = new Set(['FATAL', 'PANIC']);

const endsConnection = (error: unknown): boolean =>
  sqlState(error) === null ||
  (error instanceof Error && 'severity' in error && FATAL.has(String(error.severity)));

/** Kysely's dialect over a fresh pool; `Kysely.destroy` ends the pool. */
export function postgresDialect(options: PostgresOptions): Dialect {
  const { url, logger, connectMs = 5_000, statementMs = 5_000, poolSize = 10 } = options;
  const config: PoolConfig = {
    connectionString: url,
    fallback_application_name: 'backscroll',
    // Compiled anew each time, since statements differ by what they gather: over a second of CPU for some, measured,
    // which then run for milliseconds. An address with `options` of its own overrules it.
    options: '-c jit=off',
    max: poolSize,
    connectionTimeoutMillis: connectMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
  };
  if (statementMs > 0) {
    config.statement_timeout = statementMs;
    config.query_timeout = statementMs + 500;
    // A replica that is cut off in the middle of a transaction must not hold its row locks for long.
    config.idle_in_transaction_session_timeout = 2 * statementMs;
  }
  const pool = new Pool(config);
  // An idle connection that breaks says so here; without a listener Node ends the process.
  pool.on('error', (err) => logger.warn({ err }, 'lost an idle database connection'));
  // The pool listens only while a connection is idle. In use, the statement under way or the next one fails, and
  // that is where it is told; the event itself still needs a listener.
  pool.on('connect', (client) => client.on('error', () => undefined));

  return new PostgresDialect({
    pool: {
      options: pool.options,
      end: () => pool.end(),
      connect: async () => {
        try {
          return checkedOut(await pool.connect());
        } catch (error) {
          throw sqlState(error) === null ? new ConnectionFailed('cannot connect', { cause: error }) : error;
        }
      },
    },
  });
}

/** A connection in use: once a statement failed in a way that leaves its state unknown, it is never used again. */
function checkedOut(client: PoolClient): PostgresPoolClient {
  let isBroken = false;
  function query<R>(sql: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>;
  function query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>;
  function query(sql: unknown, parameters?: readonly unknown[]): unknown {
    if (typeof sql !== 'string') throw new TypeError('no cursor package is configured');
    // A statement that was given up may still run: nothing may follow it on this connection.
    if (isBroken) return Promise.reject(new ConnectionFailed('the connection is broken'));
    return client.query(sql, parameters?.slice()).catch((error: unknown) => {
      isBroken = endsConnection(error);
      throw sqlState(error) === null ? new ConnectionFailed('the connection broke', { cause: error }) : error;
    });
  }
  return { query, release: (destroy) => client.release(isBroken || destroy === true) };
}
