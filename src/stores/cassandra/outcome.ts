/**
 * What an error of the driver says about an append. The question is only whether the request may have left this
 * process: then its outcome is not known, whatever the error's name. A server's answer does not help: a conditional
 * write is accepted in one round and committed in the next, and "unavailable", "overloaded" or a time-out may come
 * out of the second (too many hints, a replica gone meanwhile). So certainty is the short list, not doubt.
 */
import { errors, types } from 'cassandra-driver';

const codes = types.responseErrorCodes;

/** The server read the request and refused it before doing anything: it was malformed, or not allowed. */
const REFUSED_UNREAD: ReadonlySet<number> = new Set([
  codes.protocolError,
  codes.badCredentials,
  codes.syntaxError,
  codes.unauthorized,
  codes.invalid,
  codes.configError,
  codes.unprepared,
]);

/** True when the request behind this error certainly had no effect. */
export function didNothing(error: unknown): boolean {
  if (error instanceof errors.NoHostAvailableError) {
    // One entry per host that was tried. A text (considered as down) or nothing: no request was made to it.
    const tried: unknown[] = Object.values(error.innerErrors ?? {});
    return tried.every((inner) => !(inner instanceof Error) || didNothing(inner));
  }
  if (error instanceof errors.ResponseError) return REFUSED_UNREAD.has(error.code);
  if (error instanceof errors.BusyConnectionError || error instanceof errors.AuthenticationError) return true;
  // Set by the driver on what was still in its queue when the socket broke, and on nothing else.
  if (error instanceof Error && 'requestNotWritten' in error && error.requestNotWritten === true) return true;
  return error instanceof Error && 'code' in error && NOT_CONNECTED.has(String(error.code));
}

/**
 * True when the server read the request and would not take what is in it: too long, or not of the shape of the table.
 * The same batch is refused again; one without the row that is why would not be.
 */
export const isRefusedForItsContent = (error: unknown): boolean =>
  error instanceof errors.ResponseError &&
  (error.code === codes.invalid || error.code === codes.protocolError);

/** Errors of making a connection: nothing was ever sent over it. */
const NOT_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);
