/**
 * What clients are told of an error, the same over every transport: a code for each, and nothing of an error that
 * was not meant for them.
 */
import { type ExecutionResult, GraphQLError, Kind } from 'graphql';
import { ChatError, errorCodes, shortened } from '../src/chat/errors.ts';

const codes: ReadonlySet<unknown> = new Set(errorCodes);

/** The ChatError behind an error, however often graphql-js has wrapped it. */
function chatErrorOf(error: unknown): ChatError | null {
  for (let inner: unknown = error; inner !== undefined; ) {
    if (inner instanceof ChatError) return inner;
    inner = inner instanceof GraphQLError ? inner.originalError : undefined;
  }
  return null;
}

/**
 * True for what graphql-js itself refuses about an operation: it does not parse or validate, or a value does not
 * fit its type. False for a value of ours that does not fit, which is our fault.
 */
function isOperationsFault(error: GraphQLError): boolean {
  // Parsing, validation and variables are done with before any field has a path.
  if (error.path === undefined) return error.originalError === undefined || isVariableFault(error);
  // A field's arguments are coerced when it is reached; the error then points at the argument, not at the field.
  const inner = error.originalError;
  const [node] = inner instanceof GraphQLError ? (inner.nodes ?? []) : [];
  return node !== undefined && node.kind !== Kind.FIELD;
}

/** A scalar's refusal of a variable's value: graphql-js keeps it as the original error. */
const isVariableFault = (error: GraphQLError): boolean =>
  error.originalError instanceof GraphQLError || error.nodes?.[0]?.kind === Kind.VARIABLE_DEFINITION;

const isCoded = (error: unknown): error is GraphQLError =>
  error instanceof GraphQLError && codes.has(error.extensions.code);

function withExtensions(
  error: unknown,
  message: string,
  extensions: { readonly [name: string]: unknown },
): GraphQLError {
  if (!(error instanceof GraphQLError)) return new GraphQLError(message, { extensions });
  const { nodes, source, positions, path } = error;
  return new GraphQLError(message, {
    ...(nodes === undefined ? {} : { nodes }),
    ...(source === undefined ? {} : { source }),
    ...(positions === undefined ? {} : { positions }),
    ...(path === undefined ? {} : { path }),
    extensions,
  });
}

/** Told of each error that is masked, with what it really was. */
export type OnMasked = (error: unknown) => void;

/**
 * The error as a client may have it: with `extensions.code`, `retryable` on UNAVAILABLE and RATE_LIMITED,
 * `retryAfterMs` where it is known. Whatever is not known to be fit for clients becomes INTERNAL_SERVER_ERROR.
 * Its place in the operation (locations, path) is kept; its cause and stack are not.
 */
export function toGraphQLError(error: unknown, onMasked?: OnMasked): GraphQLError {
  const chatError = chatErrorOf(error);
  if (chatError !== null) {
    return withExtensions(error, chatError.message, {
      code: chatError.code,
      ...(chatError.retryable ? { retryable: true } : {}),
      ...(chatError.retryAfterMs === undefined ? {} : { retryAfterMs: chatError.retryAfterMs }),
    });
  }
  if (isCoded(error)) return error;
  if (error instanceof GraphQLError && isOperationsFault(error)) {
    return withExtensions(error, shortened(error.message), { ...error.extensions, code: 'BAD_USER_INPUT' });
  }
  onMasked?.(error);
  return withExtensions(error, 'Something went wrong on the server.', { code: 'INTERNAL_SERVER_ERROR' });
}

/** A result whose errors all went through `toGraphQLError`. */
export function maskErrors(result: ExecutionResult, onMasked?: OnMasked): ExecutionResult {
  if (result.errors === undefined) return result;
  return { ...result, errors: result.errors.map((error) => toGraphQLError(error, onMasked)) };
}
