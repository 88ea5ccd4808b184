/**
 * An error as the log has it: its kind, code, words and stack, and those of what caused it. Drivers hang more on their
 * errors (`detail` with the values of a row, `parameters`, the whole statement), graphql-js the document: none of it.
 */
export interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  readonly stack?: string;
  readonly cause?: LoggedError;
  /** Of the first few errors that it holds. */
  readonly errors?: readonly LoggedError[];
}

/** Causes of causes: a chain that goes round ends too. */
const DEPTH = 5;
const FEW = 3;
/** Words of errors come from outside, and may be any length. */
const LENGTH = 2_000;

export function loggedError(error: unknown, depth = DEPTH): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'no Error was thrown' };
  const { name, message: said, cause } = error;
  // JSON.parse quotes what it could not read.
  const message = error instanceof SyntaxError ? said.replace(/".*"/s, '"…"') : said;
  const stack = message === said ? error.stack : error.stack?.replace(said, () => message);
  const code = 'code' in error ? error.code : undefined;
  const held = error instanceof AggregateError ? error.errors.slice(0, FEW) : [];
  return {
    type: error.constructor.name === 'Object' ? name : error.constructor.name,
    message: message.slice(0, LENGTH),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(stack === undefined ? {} : { stack: stack.slice(0, 2 * LENGTH) }),
    ...(cause === undefined || depth <= 1 ? {} : { cause: loggedError(cause, depth - 1) }),
    ...(held.length === 0 || depth <= 1 ? {} : { errors: held.map((one) => loggedError(one, depth - 1)) }),
  };
}
