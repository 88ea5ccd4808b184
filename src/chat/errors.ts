/**
 * The one error type that reaches clients. Everything a caller may be told carries a code of the public
 * contract; whatever else is thrown is masked at the transport as INTERNAL_SERVER_ERROR.
 */

/** `extensions.code` of every error (enum ErrorCode of the schema). */
export const errorCodes = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'CONFLICT',
  'RATE_LIMITED',
  'QUERY_TOO_COMPLEX',
  'UNAVAILABLE',
  'INTERNAL_SERVER_ERROR',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** An error that says what happened and what to do, in words fit for any client. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ErrorCode;
  /** Milliseconds after which trying again makes sense; only with RATE_LIMITED. */
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }

  /** True when the same request may succeed later as it stands. */
  get retryable(): boolean {
    return this.code === 'UNAVAILABLE' || this.code === 'RATE_LIMITED';
  }
}

/** The caller sent something that can never work as it stands. */
export const badInput = (message: string): ChatError => new ChatError('BAD_USER_INPUT', message);

/** What does not exist and what the viewer may not see answer alike: both are this. */
export const notFound = (what: string): ChatError =>
  new ChatError('NOT_FOUND', `${what} does not exist, or you may not see it.`);

export const forbidden = (message: string): ChatError => new ChatError('FORBIDDEN', message);

export const conflict = (message: string): ChatError => new ChatError('CONFLICT', message);

export const unauthenticated = (
  message = 'Sign in first: send a token as `Authorization: Bearer TOKEN`.',
): ChatError => new ChatError('UNAUTHENTICATED', message);

/**
 * A store did not answer in time.
 * @param store what failed, in the operator's words: "message store", "database".
 */
export const unavailable = (store: string, cause?: unknown): ChatError =>
  new ChatError(
    'UNAVAILABLE',
    `The ${store} does not answer. Try again; repeating a send with its clientMessageId is safe.`,
    {
      cause,
    },
  );

export const rateLimited = (message: string, retryAfterMs: number): ChatError =>
  new ChatError('RATE_LIMITED', message, { retryAfterMs });

/** Characters of what a request is told about itself. */
const MAX_CHARACTERS = 1_000;

/** Without it a long name or text in a request would come back in each of many errors. */
export const shortened = (message: string): string =>
  message.length <= MAX_CHARACTERS ? message : `${message.slice(0, MAX_CHARACTERS)}…`;
