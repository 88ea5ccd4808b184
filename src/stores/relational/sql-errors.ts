/**
 * What an error of the database means to a caller. Postgres and PGlite both give a SQLSTATE; an error of a
 * connection has none. Nothing that leaves here holds SQL, names of constraints or values.
 */
import { badInput, ChatError, unavailable } from '../../chat/errors.ts';

/** The server was not reached, did not answer in time, or the connection broke: the outcome may be unknown. */
export class ConnectionFailed extends Error {
  override readonly name = 'ConnectionFailed';
}

/** SQLSTATE of an answer of the database; null for any other error. */
export function sqlState(error: unknown): string | null {
  // `severity` tells an answer of Postgres from an error of Node whose code has five letters too (EPIPE).
  if (!(error instanceof Error) || !('code' in error) || !('severity' in error)) return null;
  return typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

/**
 * Classes and codes of an answer that says "not now": connection and shutdown (08, 57), resources (53), system and
 * disk (58), signing in (28), no such database (3D), conflicts between transactions (40), a read-only server that is
 * being replaced (25006), a lock not got in time (55P03).
 */
const PASSING = /^(08|53|57|58|28|3D|40)|^(25006|25P03|25P04|55P03)$/;

/** Text that Postgres cannot hold (a NUL), that is too long for its column, or for an index. */
const UNFIT = /^(22021|22P05|22001|54000)$/;

/** The ChatError for anything that a database call threw; one that is none of the database's stays as it is. */
export function translated(error: unknown): unknown {
  if (error instanceof ChatError) return error;
  if (error instanceof ConnectionFailed) return unavailable('database', error);
  const state = sqlState(error);
  if (state === null) return error;
  if (PASSING.test(state)) return unavailable('database', error);
  if (UNFIT.test(state)) return badInput('A text is too long, or holds a character that cannot be stored.');
  return new ChatError('INTERNAL_SERVER_ERROR', 'The database refused the request.', { cause: error });
}
